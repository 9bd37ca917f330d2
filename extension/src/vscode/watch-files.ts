import * as vscode from 'vscode';

export type WatchedChange =
  | { readonly kind: 'made' | 'changed' | 'removed'; readonly file: vscode.Uri }
  /** Any of the files in it may be there now, or gone. */
  | { readonly kind: 'folder' };

/**
 * Tells when a file of `files` is made, changed or removed. A file that is written right after its folder was made, as a
 * checkout does it, can escape the editor's watcher, and one that goes with its folder does; the folder does not: `folders` are
 * those that the files stand in. Both are globs.
 */
export function watchFiles(
  files: readonly string[],
  folders: string,
  tell: (change: WatchedChange) => void,
): vscode.Disposable {
  const around = vscode.workspace.createFileSystemWatcher(folders);
  const ofFolder = (): void => tell({ kind: 'folder' });
  const watchers = files.map((pattern) => vscode.workspace.createFileSystemWatcher(pattern));
  return vscode.Disposable.from(
    around,
    around.onDidCreate(ofFolder),
    // Removed and made again at once is told as a change.
    around.onDidChange(ofFolder),
    around.onDidDelete(ofFolder),
    ...watchers.flatMap((watcher) => [
      watcher,
      watcher.onDidCreate((file) => tell({ kind: 'made', file })),
      watcher.onDidChange((file) => tell({ kind: 'changed', file })),
      watcher.onDidDelete((file) => tell({ kind: 'removed', file })),
    ]),
  );
}

/** `watchFiles` for one file of the open folders’ `.strata`, such as `models.jsonc`. */
export function watchStrataFile(name: string, tell: () => void): vscode.Disposable {
  return watchFiles([`**/.strata/${name}`], '**/.strata', tell);
}
