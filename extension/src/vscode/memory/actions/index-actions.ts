import * as vscode from 'vscode';
import type { IndexReport } from '../../../core/memory/index.ts';
import type { CommandArguments } from '../../commands/arguments.ts';
import { Dismissed } from '../../dismissed.ts';
import { withProgress } from '../../with-progress.ts';
import { requireTrust } from '../../require-trust.ts';
import { chooseMemory } from '../choose.ts';
import type { FolderMemory, MemoryPorts } from '../memory-ports.ts';
import { countWords } from '../view/words.ts';

/** Looks at the whole folder. What is known already is not read again. */
export async function indexWorkspace(ports: MemoryPorts, args: CommandArguments): Promise<IndexReport> {
  requireTrust();
  const { name, memory } = await chooseMemory(ports, args);
  const { phase } = await memory.state();
  if (phase === 'paused') await memory.resume();
  const report = await withProgress(`Indexing ${name}`, ({ signal, say }) =>
    memory.index({ signal, onProgress: ({ done, total }) => say(`${done} of ${total} files`) }),
  );
  const notes = report.notes?.map((note) => ` ${note}`).join('') ?? '';
  void vscode.window.showInformationMessage(
    `Indexed ${countWords(report.files, 'file')} in ${countWords(report.chunks, 'chunk')}.${notes}`,
  );
  ports.refresh();
  return report;
}

/** What is indexed stays and is searched; the rest waits. */
export async function pauseIndexing(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  return withEach(ports, args, async ({ memory }) => {
    if ((await memory.state()).phase === 'indexing') await memory.pause();
  });
}

export async function resumeIndexing(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  return withEach(ports, args, async ({ memory }) => {
    if ((await memory.state()).phase === 'paused') await memory.resume();
  });
}

/** The index and its vectors, from disk. The notes and what is kept of runs are forgotten one by one. */
export async function clearMemory(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const { folder, name, memory } = await chooseMemory(ports, args);
  if (args.agreed !== true) {
    const clear = { title: 'Clear Index' };
    const detail =
      'What was read of the files, and the vectors made of it, is removed from disk; the files stay. It cannot be undone, and indexing the folder makes it again. The notes and what is kept of earlier runs stay.';
    const options = { modal: true, detail };
    const chosen = await vscode.window.showWarningMessage(`Clear the index of ${name}?`, options, clear);
    if (chosen !== clear) throw new Dismissed();
  }
  await memory.clear();
  ports.refresh();
  return { folder };
}

/** Those of the folder that was named, or of all. */
async function withEach(
  ports: MemoryPorts,
  args: CommandArguments,
  work: (folder: FolderMemory) => Promise<void>,
): Promise<unknown> {
  const folders =
    args.folder === undefined ? (await ports.find()).folders : [await chooseMemory(ports, args)];
  await Promise.all(folders.map(work));
  ports.refresh();
  return { folders: folders.map(({ folder }) => folder) };
}
