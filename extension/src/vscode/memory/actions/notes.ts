import * as vscode from 'vscode';
import type { Note } from '../../../core/memory/index.ts';
import type { CommandArguments } from '../../commands/arguments.ts';
import { given } from '../../dismissed.ts';
import { chooseMemory } from '../choose.ts';
import type { FolderMemory, MemoryPorts } from '../memory-ports.ts';

/** Opens the file of the notes; where there is none yet, a person writes the first one. */
export async function openNotes(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  if (args.note !== undefined) return openNote(ports, { folder: args.folder, note: args.note });
  const folder = await chooseMemory(ports, args);
  if ((await folder.notes.list()).length === 0 && !(await isThere(folder.notes.file)))
    await addTo(folder, args);
  return show(folder.notes.file, 0);
}

export async function addNote(ports: MemoryPorts, args: CommandArguments): Promise<unknown> {
  const folder = await chooseMemory(ports, args);
  await addTo(folder, args);
  ports.refresh();
  return { folder: folder.folder };
}

/** Opens a note at its line. */
export async function openNote(
  ports: MemoryPorts,
  { folder: wanted, note: id }: { readonly folder: string | undefined; readonly note: string },
): Promise<unknown> {
  const { notes } = await chooseMemory(ports, wanted === undefined ? {} : { folder: wanted });
  const note = (await notes.list()).find((one) => one.id === id);
  const document = await vscode.workspace.openTextDocument(notes.file);
  return show(notes.file, note ? lineOf(document.getText(), note) : 0);
}

async function addTo({ notes }: FolderMemory, args: CommandArguments): Promise<void> {
  const text =
    args.text ??
    given(
      await vscode.window.showInputBox({
        title: 'Add Note',
        prompt: 'What should agents know in this folder? It is written into .strata/memory.md.',
        placeHolder: 'Tests are run with npm test -- --bail',
        ignoreFocusOut: true,
        validateInput: (typed) => (typed.trim() === '' ? 'A note has a text.' : undefined),
      }),
    );
  await notes.add(text.trim());
}

async function isThere(file: string): Promise<boolean> {
  return vscode.workspace.fs.stat(vscode.Uri.file(file)).then(
    () => true,
    // It has not been written yet.
    () => false,
  );
}

async function show(file: string, line: number): Promise<unknown> {
  const document = await vscode.workspace.openTextDocument(file);
  const { range } = document.lineAt(Math.min(line, document.lineCount - 1));
  await vscode.window.showTextDocument(document, { selection: range });
  return { file, line: line + 1 };
}

/** A person may have edited the file since; then it opens at its beginning. */
function lineOf(text: string, note: Note): number {
  const [first = ''] = note.text.split('\n');
  const lines = text.split('\n');
  return Math.max(
    0,
    lines.findIndex((line) => line.includes(first)),
  );
}
