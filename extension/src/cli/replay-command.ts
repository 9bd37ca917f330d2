import path from 'node:path';
import { isStrataError, StrataError } from '../base/errors.ts';
import type { RecordingCheck } from '../core/orchestration/recording/index.ts';
import { pathInside } from '../node/path-inside.ts';
import { forkAt, replayLive } from './again-commands.ts';
import type { Arguments } from './arguments.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import type { Perform } from './perform.ts';
import { runNamed } from './run-commands.ts';
import { stepLines } from './run-display.ts';
import { ink, safeLine, safeText } from './style.ts';
import type { Terminal } from './terminal.ts';

export const replay: Perform = (given, terminal) => {
  if (given.check) return check(given, terminal);
  if (given.from !== undefined) return forkAt(given, terminal, given.from);
  if (given.live !== undefined) return replayLive(given, terminal, given.live);
  return replayFromLog(given, terminal);
};

const replayFromLog: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const id = runNamed(folder, given);
    const report = await folder.replay(id, (step) => {
      if (given.json) return;
      for (const line of stepLines(terminal.out, step, folder.payload)) terminal.print(line);
    });
    if (given.json) terminal.print(JSON.stringify(report));
    else if (report.divergence) {
      const { step, recorded, actual } = report.divergence;
      const where = step === undefined ? 'the end' : `step ${step}`;
      terminal.print(`\n${ink(terminal.out, 'red', '✖ diverged')} at ${where}`);
      for (const line of sideLines(terminal, recorded, actual)) terminal.print(line);
    } else {
      const words =
        report.verdict === 'equal' ? 'equal to the recording' : 'equal as far as the recording goes';
      terminal.print(
        `\n${ink(terminal.out, 'green', `✔ ${words}`)}  ${report.steps} steps from the log; no model, tool or network was used`,
      );
    }
    return report.verdict === 'diverged' ? EXIT.failed : EXIT.done;
  });

/** Replays recordings from their files alone: no run log is opened, so that it works wherever the files are. */
async function check(given: Arguments, terminal: Terminal): Promise<number> {
  const { checkRecordingFile, listRecordings } = await import('../node/recordings/index.ts');
  const files =
    given.positionals.length > 0
      ? given.positionals.map((file) => path.resolve(file))
      : await listRecordings(given.workspace);
  if (files.length === 0) throw noRecordings(given.workspace);
  const results: Result[] = [];
  for (const file of files) {
    const result = await checkOne((shown) => checkRecordingFile(file, shown), shownAs(file));
    results.push(result);
    if (!given.json) for (const line of resultLines(result, terminal)) terminal.print(line);
  }
  const failed = results.filter(({ ok }) => !ok).length;
  if (given.json) terminal.print(JSON.stringify({ checked: results.length, failed, recordings: results }));
  else terminal.print(`\n${counted(results.length)}, ${failed === 0 ? 'none failed' : `${failed} failed`}`);
  return failed === 0 ? EXIT.done : EXIT.failed;
}

interface Result {
  readonly file: string;
  readonly ok: boolean;
  readonly check?: RecordingCheck;
  readonly error?: { readonly code: string; readonly message: string; readonly action: string };
}

/** One that cannot be read must not keep the others from being checked. */
async function checkOne(
  replayed: (shown: string) => Promise<RecordingCheck>,
  shown: string,
): Promise<Result> {
  try {
    const done = await replayed(shown);
    return { file: shown, ok: done.verdict !== 'diverged', check: done };
  } catch (error) {
    if (!isStrataError(error)) throw error;
    const { code, message, action } = error;
    return { file: shown, ok: false, error: { code, message, action } };
  }
}

function resultLines({ file, ok, check: done, error }: Result, terminal: Terminal): string[] {
  const sign = ok ? ink(terminal.out, 'green', '✔') : ink(terminal.out, 'red', '✖');
  if (error) return [`${sign} ${safeLine(file)}`, `  ${safeText(error.message)}`];
  if (!done?.divergence) {
    const far = done?.verdict === 'unfinished' ? ', as far as the recording goes' : '';
    return [`${sign} ${safeLine(file)}  ${done?.steps ?? 0} steps${far}`];
  }
  const { message, recorded, actual, place } = done.divergence;
  return [
    `${sign} ${safeLine(file)}:${place.start.line + 1}  ${safeLine(message)}`,
    ...sideLines(terminal, recorded, actual),
  ];
}

/** Both sides, each with as many lines as a person reads at a glance. */
function sideLines({ out }: Terminal, recorded: string, actual: string): string[] {
  return [
    ...sideOf('recorded', recorded).map((line) => ink(out, 'red', line)),
    ...sideOf('replayed', actual).map((line) => ink(out, 'green', line)),
  ];
}

const SHOWN_LINES = 16;

function sideOf(name: string, text: string): string[] {
  const lines = safeText(text).split('\n');
  const left = lines.length - SHOWN_LINES;
  const shown = lines.slice(0, SHOWN_LINES);
  if (left > 0) shown.push(left === 1 ? '… 1 more line' : `… ${left} more lines`);
  return shown.map((line, index) => `  ${(index === 0 ? name : '').padEnd(8)}  ${line}`.trimEnd());
}

function shownAs(file: string): string {
  return pathInside(process.cwd(), file) ?? file;
}

function counted(count: number): string {
  return count === 1 ? '1 recording' : `${count} recordings`;
}

/** A check that checks nothing must not pass. */
function noRecordings(folder: string): StrataError {
  return new StrataError(
    'no-recordings',
    `There is no recording in ${path.join(folder, '.strata', 'replays')}.`,
    'Save one with `strata record <run>`, or name the files to check.',
  );
}
