import type * as vscode from 'vscode';
import { foldersToKeep } from '../../folders-to-keep.ts';
import type { FolderMemory } from '../memory-ports.ts';
import { keepIndex } from './keep-index.ts';

export interface KeepFoldersHost {
  /** Opens the folder when it is not open yet. */
  readonly open: (folder: vscode.WorkspaceFolder) => Promise<FolderMemory>;
  readonly log: (error: unknown) => void;
}

/** Keeps the index of those folders up to date whose setting says so, as long as the window trusts them. */
export class KeptFolders implements vscode.Disposable {
  readonly #host: KeepFoldersHost;
  /** By the folder's address. */
  readonly #kept = new Map<string, vscode.Disposable>();

  constructor(host: KeepFoldersHost) {
    this.#host = host;
  }

  /** Begins and ends what the settings and the folders of the window now say. */
  follow(): void {
    const wanted = new Map(foldersToKeep().map((folder) => [folder.uri.toString(), folder]));
    for (const [address, keeping] of this.#kept) {
      if (wanted.has(address)) continue;
      keeping.dispose();
      this.#kept.delete(address);
    }
    for (const [address, folder] of wanted)
      if (!this.#kept.has(address)) this.#kept.set(address, this.#begin(folder));
  }

  dispose(): void {
    for (const keeping of this.#kept.values()) keeping.dispose();
    this.#kept.clear();
  }

  #begin(folder: vscode.WorkspaceFolder): vscode.Disposable {
    let keeping: vscode.Disposable | undefined;
    let isOver = false;
    this.#host.open(folder).then((opened) => {
      if (!isOver) keeping = keepIndex(folder, opened, this.#host.log);
    }, this.#host.log);
    return {
      dispose: () => {
        isOver = true;
        keeping?.dispose();
      },
    };
  }
}
