import type { Json } from '../../base/json.ts';
import type { Episode } from '../memory/episodes/episode.ts';
import type { Payload } from '../../protocol/run-event.ts';
import { activeTime } from '../../protocol/run-view.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import { textIn, textPartsIn, valueAt } from './recorded-values.ts';
import { remediesIn } from './remedies.ts';
import { changesOf } from './run-changes.ts';
import { parseRunInput } from './run-input.ts';

/**
 * What is kept of a run, made from its log alone, so that it can be made again. Undefined for a run that is not kept: a part
 * of another one, one whose agent has no memory, one that a person wants forgotten, one that has not begun anything.
 */
export function episodeOfRun(
  view: RunView,
  read: (payload: Payload) => Json,
  /** Its process died in the middle of it. */
  isInterrupted: boolean,
): Episode | undefined {
  if (view.rating.memory === 'forgotten' || !isKept(view, read)) return undefined;
  const used = view.steps.filter(({ kind }) => kind === 'tool' || kind === 'agent');
  const facts = factsIn(used, read);
  const isGateway = view.agent === GATEWAY;
  const { verdict, correction, memory } = view.rating;
  const isRated = verdict !== undefined || correction !== undefined;
  if (view.steps.length === 0 && !isRated) return undefined;
  // Calls of other programs have no task that could come again; what they asked to be kept is kept.
  if (isGateway && facts.length === 0 && !isRated) return undefined;
  const failed = view.steps.filter(isFailed);
  const changed = view.steps.filter(({ files }) => files !== undefined);
  const recalled = recalledIn(view.steps, read);
  const remedies = remediesIn(view.steps, read);
  return {
    run: view.id,
    at: view.endedAt ?? view.activeAt,
    agent: view.agent,
    task: view.task,
    outcome: isInterrupted ? 'interrupted' : view.status,
    answer: lastWords(view, read),
    files: changesOf(view)?.paths ?? [],
    failures: distinct(failed.map((step) => failureLine(step, read))).slice(0, MOST_LINES),
    ...(view.error === undefined ? {} : { error: cut(view.error.message) }),
    ...some('tried', triedLines(used)),
    ...some('remedies', remedies),
    ...some('facts', facts),
    ...some('failedSteps', failed.map(({ id }) => id).slice(0, MOST_LINES)),
    ...some('changedSteps', changed.map(({ id }) => id).slice(0, MOST_LINES)),
    ...some('recalled', recalled),
    ...('run' in view.origin ? { from: view.origin.run } : {}),
    ...(view.totals.priced > 0 ? { usd: view.totals.usd } : {}),
    tokens: view.totals.inputTokens + view.totals.outputTokens,
    durationMs: activeTime(view, view.endedAt ?? view.activeAt),
    ...(verdict === undefined ? {} : { verdict }),
    ...(view.changes === undefined ? {} : { changes: view.changes }),
    ...(correction === undefined ? {} : { correction }),
    ...(memory === 'pinned' ? { pinned: true } : {}),
    seenAt: view.updatedAt,
  };
}

function isKept(view: RunView, read: (payload: Payload) => Json): boolean {
  if (view.origin.kind === 'sub-run' || view.input === undefined) return false;
  const { program } = parseRunInput(read(view.input));
  if (program.kind === 'agent') return program.agent.memory;
  return program.kind === 'workflow' || program.kind === 'gateway';
}

/** Its answer; of one that has none, the last thing that its agent said. */
function lastWords({ answer, steps }: RunView, read: (payload: Payload) => Json): string {
  const whole = answer === undefined ? undefined : read(answer);
  if (typeof whole === 'string') return whole;
  const chat = steps.findLast(({ kind, output }) => kind === 'chat' && output !== undefined);
  return chat?.output === undefined ? '' : textPartsIn(valueAt(read(chat.output), 'content'));
}

function isFailed({ kind, status, isError }: StepView): boolean {
  if (status === 'failed') return true;
  return isError && (kind === 'tool' || kind === 'agent' || kind === 'merge');
}

function failureLine(step: StepView, read: (payload: Payload) => Json): string {
  const said =
    step.error?.message ??
    (step.output === undefined ? '' : textPartsIn(valueAt(read(step.output), 'content')));
  return `${step.name}: ${cut(said.split('\n')[0] ?? '')}`;
}

/** `shell_run 4 times, 2 failed`, the most used first. */
function triedLines(used: readonly StepView[]): readonly string[] {
  const counts = new Map<string, { times: number; failed: number }>();
  for (const step of used) {
    const count = counts.get(step.name) ?? { times: 0, failed: 0 };
    counts.set(step.name, { times: count.times + 1, failed: count.failed + (isFailed(step) ? 1 : 0) });
  }
  return [...counts]
    .sort(([, a], [, b]) => b.times - a.times)
    .slice(0, MOST_LINES)
    .map(([name, { times, failed }]) => {
      const often = times === 1 ? 'once' : `${String(times)} times`;
      return `${name} ${often}${failed === 0 ? '' : `, ${String(failed)} failed`}`;
    });
}

function factsIn(used: readonly StepView[], read: (payload: Payload) => Json): readonly string[] {
  const asked = used.filter(
    ({ name, status, isError }) => name === REMEMBER && status === 'finished' && !isError,
  );
  return distinct(asked.map(({ input }) => textIn(valueAt(valueAt(read(input), 'arguments'), 'fact')))).slice(
    0,
    MOST_LINES,
  );
}

/** Runs and notes. */
function recalledIn(steps: readonly StepView[], read: (payload: Payload) => Json): readonly string[] {
  return steps.flatMap(({ kind, output }) => {
    const list = kind === 'recall' && output !== undefined ? read(output) : [];
    if (!Array.isArray(list)) return [];
    return (list as readonly Json[])
      .map((one) => textIn(valueAt(one, 'run')) || textIn(valueAt(one, 'id')))
      .filter((id) => id !== '');
  });
}

function distinct(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)].filter((line) => line !== '');
}

function some<K extends string, T>(key: K, list: readonly T[]): Partial<Record<K, readonly T[]>> {
  return list.length === 0 ? {} : ({ [key]: list } as Record<K, readonly T[]>);
}

function cut(text: string): string {
  return text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE).toWellFormed()}…` : text;
}

const GATEWAY = 'gateway';
const REMEMBER = 'memory_remember';
const MOST_LINES = 20;
const LONGEST_LINE = 200;
