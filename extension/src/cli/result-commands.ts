import { writeFileSync } from 'node:fs';
import { messageOf, StrataError } from '../base/errors.ts';
import { toOtlpJson } from '../core/observability/index.ts';
import type { Perform } from './perform.ts';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import { runNamed } from './run-commands.ts';
import { safeText } from './style.ts';

const FILES_LIMIT_MS = 5 * 60_000;

export const apply: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const applied = await folder.apply(runNamed(folder, given), AbortSignal.timeout(FILES_LIMIT_MS));
    if (given.json) terminal.print(JSON.stringify(applied));
    if (applied.kind === 'conflict') {
      if (!given.json) {
        terminal.complain('Nothing was written, since these files have changed since the run began:');
        for (const { path, reason } of applied.conflicts)
          terminal.complain(`  ${safeText(path)}: ${safeText(reason)}`);
        terminal.complain('Put them back and apply again, or see `strata show <run> --diff`.');
      }
      return EXIT.failed;
    }
    if (!given.json) {
      for (const path of applied.written) terminal.print(`wrote    ${safeText(path)}`);
      for (const path of applied.deleted) terminal.print(`deleted  ${safeText(path)}`);
      if (applied.unchanged.length > 0) terminal.print(`${applied.unchanged.length} files were so already.`);
    }
    return EXIT.done;
  });

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
    const text = JSON.stringify(
      toOtlpJson(folder.store.read(run), {
        includeContent: given.content,
        getBlob: folder.store.getBlob,
      }),
    );
    if (given.out === undefined) terminal.print(text);
    else {
      try {
        writeFileSync(given.out, text);
      } catch (error) {
        throw new StrataError(
          'export-failed',
          `${given.out} cannot be written: ${messageOf(error)}.`,
          'Name another file with --out.',
          { cause: error },
        );
      }
      terminal.print(given.json ? JSON.stringify({ run, file: given.out }) : `Wrote ${given.out}.`);
    }
    return EXIT.done;
  });
