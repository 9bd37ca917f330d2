import { readFileSync } from 'node:fs';
import type { Json } from '../base/json.ts';
import { messageOf, StrataError } from '../base/errors.ts';
import type { StepId } from '../protocol/run-event.ts';
import { usageError } from './arguments.ts';
import type { Arguments } from './arguments.ts';
import { inFolder } from './host.ts';
import type { Perform } from './perform.ts';
import { runNamed } from './run-commands.ts';
import type { Terminal } from './terminal.ts';
import { watch } from './watch-run.ts';

export const fork: Perform = (given, terminal) => {
  const [, step] = given.positionals;
  if (step === undefined) throw usageError('`strata fork` takes a run and a step of it.');
  return forkAt(given, terminal, step);
};

/** The steps up to and with `step` from the log, then live. */
export function forkAt(given: Arguments, terminal: Terminal, step: StepId): Promise<number> {
  const { message, route, promptFile, resultFile } = given;
  const edit = {
    ...(message === undefined ? {} : { text: message }),
    ...(route === undefined ? {} : { route }),
    ...(promptFile === undefined ? {} : { prompt: textOf(promptFile) }),
  };
  const result = resultFile === undefined ? {} : { result: jsonOf(resultFile) };
  return inFolder(given, terminal, async (folder) => {
    const changed = Object.keys(edit).length > 0 ? { edit } : {};
    const request = { run: runNamed(folder, given), step, ...changed, ...result };
    return watch(folder, await folder.fork(request), given, terminal);
  });
}

export const rerun: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) =>
    watch(folder, await folder.rerun(runNamed(folder, given)), given, terminal),
  );

/** One half is live, the other is answered from the log. */
export function replayLive(given: Arguments, terminal: Terminal, live: 'models' | 'tools'): Promise<number> {
  return inFolder(given, terminal, async (folder) =>
    watch(folder, await folder.replayHalf(runNamed(folder, given), live), given, terminal),
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StrataError(
      'file-unreadable',
      `${file} cannot be read: ${messageOf(error)}.`,
      'Name a file that can be.',
      { cause: error },
    );
  }
}

function jsonOf(file: string): Json {
  const text = textOf(file);
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new StrataError(
      'not-json',
      `${file} holds no JSON: ${messageOf(error)}.`,
      'The result of a step is JSON; `strata show <run> --json` prints what was recorded.',
      { cause: error },
    );
  }
}
