import * as vscode from 'vscode';
import { StrataError } from '../base/errors.ts';
import { given } from './dismissed.ts';

/** Folders that are open, and those that cannot be, and why. */
export interface Found<T> {
  readonly folders: readonly T[];
  readonly troubles: readonly unknown[];
}

interface Named {
  /** File-system path. */
  readonly folder: string;
  readonly name: string;
}

/** The folder that was named, the only one, or one that the person picks. `what` says in a sentence why one is needed. */
export async function chooseFound<T extends Named>(
  find: () => Promise<Found<T>>,
  wanted: string | undefined,
  what: string,
): Promise<T> {
  const { folders, troubles } = await find();
  const [only] = folders;
  if (!only) {
    if (troubles.length > 0) throw troubles[0];
    throw new StrataError('no-folder', what, 'Open a folder first.');
  }
  if (wanted !== undefined) {
    const named = folders.find(({ folder }) => folder === wanted);
    if (named) return named;
    throw new StrataError(
      'folder-not-open',
      `The folder ${wanted} is not open in this window.`,
      'Open it first.',
    );
  }
  if (folders.length === 1) return only;
  const items = folders.map((folder) => ({ label: folder.name, description: folder.folder, folder }));
  return given(await vscode.window.showQuickPick(items, { placeHolder: 'Folder' })).folder;
}
