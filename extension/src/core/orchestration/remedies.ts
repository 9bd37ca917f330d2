import type { Json } from '../../base/json.ts';
import type { Payload } from '../../protocol/run-event.ts';
import type { StepView } from '../../protocol/run-view.ts';
import { meaningWords } from '../memory/episodes/meaning-words.ts';
import type { Remedy } from '../memory/episodes/episode.ts';
import { textIn, textPartsIn, valueAt } from './recorded-values.ts';

/**
 * Commands that failed whenever they were given, each with the next one that had to do with it and worked. What one run
 * shows of it may be chance, which is why it takes several runs to make a note of it.
 */
export function remediesIn(steps: readonly StepView[], read: (payload: Payload) => Json): readonly Remedy[] {
  const commands = steps.flatMap((step) => commandOf(step, read));
  const worked = new Set(commands.filter(({ ok }) => ok).map(({ command }) => command));
  const found = new Map<string, Remedy>();
  for (const [at, { tool, command, ok, words }] of commands.entries()) {
    if (ok || worked.has(command) || found.has(command)) continue;
    const next = commands
      .slice(at + 1, at + 1 + LOOKED_AT)
      .find((one) => one.ok && one.tool === tool && [...one.words].some((word) => words.has(word)));
    if (next) found.set(command, { tool, failed: command, worked: next.command });
  }
  return [...found.values()].slice(0, MOST);
}

interface Command {
  readonly tool: string;
  readonly command: string;
  readonly ok: boolean;
  readonly words: ReadonlySet<string>;
}

function commandOf(
  { kind, name, status, isError, input, output }: StepView,
  read: (payload: Payload) => Json,
): Command[] {
  if (kind !== 'tool' || status !== 'finished' || output === undefined) return [];
  const command = textIn(valueAt(valueAt(read(input), 'arguments'), 'command'));
  if (command === '' || command.length > LONGEST_COMMAND || command.includes('\n')) return [];
  const said = textPartsIn(valueAt(read(output), 'content'));
  // A shell answers well with the exit code of what did not.
  const ok = !isError && !/^exit code [1-9]/m.test(said.slice(0, HEAD));
  return [{ tool: name, command, ok, words: meaningWords(command) }];
}

const LOOKED_AT = 4;
const MOST = 5;
const LONGEST_COMMAND = 120;
const HEAD = 400;
