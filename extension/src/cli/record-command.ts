import path from 'node:path';
import { EXIT } from './exit.ts';
import { inFolder } from './host.ts';
import type { Perform } from './perform.ts';
import { runNamed } from './run-commands.ts';

/** Saves a run as a recording, under a name of its task unless a file is given. */
export const record: Perform = (given, terminal) =>
  inFolder(given, terminal, async (folder) => {
    const run = runNamed(folder, given);
    const { recordingFile, saveRecording, suggestName } = await import('../node/recordings/index.ts');
    const file =
      given.out === undefined
        ? recordingFile(folder.folder, suggestName(folder.view(run)?.task ?? ''))
        : path.resolve(given.out);
    await saveRecording(folder.store, run, file, { replace: given.out !== undefined });
    if (given.json) terminal.print(JSON.stringify({ run, file }));
    else terminal.print(`Saved as ${file}\nCheck it with: strata replay --check`);
    return EXIT.done;
  });
