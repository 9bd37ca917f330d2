import { writeFileSync } from 'node:fs';
import { messageOf, StrataError } from '../base/errors.ts';
import { familyEvents, toOtlpJson } from '../core/observability/index.ts';
import type { Applied } from '../node/git/index.ts';
import { usageError } from './arguments.ts';
import type { Perform } from './perform.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { runNamed } from './run-commands.ts';
import { safeText } from './style.ts';
import type { Terminal } from './terminal.ts';

const FILES_LIMIT_MS = 5 * 60_000;

export const apply: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const options = given.conflicts === undefined ? {} : { conflicts: given.conflicts };
    const run = runNamed(folder, given);
    const applied = await folder.apply(run, AbortSignal.timeout(FILES_LIMIT_MS), options);
    if (given.json) terminal.print(JSON.stringify(applied));
    if (applied.kind === 'conflict') {
      if (!given.json) {
        complain(terminal, 'Nothing was written, since you and the run both changed these files:', applied);
        terminal.complain('Decide with --conflicts mark, ours or theirs, or see `strata show <run> --diff`.');
      }
      return EXIT.failed;
    }
    if (given.json) return EXIT.done;
    printChanged(terminal, applied);
    for (const { path, reason } of applied.decided)
      terminal.print(`conflict ${safeText(path)}: ${safeText(reason)}`);
    if (applied.unchanged.length > 0) terminal.print(`${applied.unchanged.length} files were so already.`);
    return EXIT.done;
  });

export const undo: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const undone = await folder.undo(runNamed(folder, given), AbortSignal.timeout(FILES_LIMIT_MS));
    if (given.json) terminal.print(JSON.stringify(undone));
    else if (undone.kind === 'applied') printChanged(terminal, undone);
    else complain(terminal, 'Nothing was put back, since these files have changed since the apply:', undone);
    return undone.kind === 'conflict' ? EXIT.failed : EXIT.done;
  });

export const restore: Perform = (given, terminal) => {
  const [, step] = given.positionals;
  if (step === undefined) throw usageError('`strata restore` takes a run and a step of it.');
  return inFolder(given, terminal, async (folder) => {
    const run = runNamed(folder, given);
    await folder.restore(run, step, AbortSignal.timeout(FILES_LIMIT_MS));
    if (given.json) terminal.print(JSON.stringify({ run, step }));
    else terminal.print(`The files of the run are as step ${step} left them; apply writes that much.`);
    return EXIT.done;
  });
};

function printChanged(terminal: Terminal, applied: Extract<Applied, { kind: 'applied' }>): void {
  const merged = new Set(applied.merged);
  for (const path of applied.written)
    terminal.print(`${merged.has(path) ? 'merged  ' : 'wrote   '} ${safeText(path)}`);
  for (const path of applied.deleted) terminal.print(`deleted  ${safeText(path)}`);
}

function complain(
  terminal: Terminal,
  problem: string,
  { conflicts }: Extract<Applied, { kind: 'conflict' }>,
): void {
  terminal.complain(problem);
  for (const { path, reason } of conflicts) terminal.complain(`  ${safeText(path)}: ${safeText(reason)}`);
}

export const discard: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const run = runNamed(folder, given);
    await folder.discard(run);
    if (given.json) terminal.print(JSON.stringify({ run, discarded: true }));
    else
      terminal.print('The copy is removed. The trace stays, and the changes can still be applied from it.');
    return EXIT.done;
  });

export const exportCommand: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const run = runNamed(folder, given);
    const trace = (): string =>
      JSON.stringify(
        toOtlpJson(familyEvents(folder.store, run), {
          includeContent: given.content,
          getBlob: folder.store.getBlob,
        }),
      );
    if (given.out === undefined) {
      terminal.print(trace());
      return EXIT.done;
    }
    if (given.out.endsWith('.strata-run')) {
      const { exportRecording } = await import('../node/recordings/index.ts');
      await exportRecording(folder.store, run, given.out);
    } else writeTrace(given.out, trace());
    terminal.print(given.json ? JSON.stringify({ run, file: given.out }) : `Wrote ${given.out}.`);
    return EXIT.done;
  });

function writeTrace(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new StrataError(
      'export-failed',
      `${file} cannot be written: ${messageOf(error)}.`,
      'Name another file with --out.',
      { cause: error },
    );
  }
}
