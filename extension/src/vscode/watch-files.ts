import * as vscode from 'vscode';

/**
 * Tells when a file of `files` is made, changed or removed. A file that is written right after its folder was made, as a
 * checkout does it, can escape the editor's watcher, and the folder does not: `folders` are those that the files stand in.
 * Both are globs.
 */
export function watchFiles(files: readonly string[], folders: string, tell: () => void): vscode.Disposable {
  const made = vscode.workspace.createFileSystemWatcher(folders, false, false, true);
  const watchers = files.map((pattern) => vscode.workspace.createFileSystemWatcher(pattern));
  return vscode.Disposable.from(
    made,
    made.onDidCreate(tell),
    // Removed and made again at once is told as a change.
    made.onDidChange(tell),
    ...watchers.flatMap((watcher) => [
      watcher,
      watcher.onDidCreate(tell),
      watcher.onDidChange(tell),
      watcher.onDidDelete(tell),
    ]),
  );
}

/** `watchFiles` for one file of the open folders’ `.strata`, such as `models.jsonc`. */
export function watchStrataFile(name: string, tell: () => void): vscode.Disposable {
  return watchFiles([`**/.strata/${name}`], '**/.strata', tell);
}
