import path from 'node:path';
import * as vscode from 'vscode';
import { pathInside } from '../../../node/path-inside.ts';

export interface FolderChanges {
  /** A file or a folder was made, changed or removed: its path relative to the folder, with `/`. */
  readonly onPath: (path: string) => void;
  /** The branch was switched, or something else happened of which events may be missing. */
  readonly onAll: () => void;
}

/** What changes in a folder, whoever changes it. The editor's own list of what is not watched applies. */
export function watchFolder(
  folder: vscode.WorkspaceFolder,
  { onPath, onAll }: FolderChanges,
): vscode.Disposable {
  const root = folder.uri.fsPath;
  const tell = (uri: vscode.Uri): void => {
    if (uri.scheme !== 'file') return;
    const inside = pathInside(root, uri.fsPath);
    if (inside === HEAD || path.relative(root, uri.fsPath) === '') onAll();
    else if (inside !== undefined && !isNeverIndexed(inside)) onPath(inside);
  };
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '**'));
  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate(tell),
    watcher.onDidChange(tell),
    watcher.onDidDelete(tell),
    // The editor knows its own changes before its watcher does.
    vscode.workspace.onDidSaveTextDocument(({ uri }) => tell(uri)),
    vscode.workspace.onDidSaveNotebookDocument(({ uri }) => tell(uri)),
    vscode.workspace.onDidCreateFiles(({ files }) => files.forEach(tell)),
    vscode.workspace.onDidDeleteFiles(({ files }) => files.forEach(tell)),
    vscode.workspace.onDidRenameFiles(({ files }) => {
      for (const { oldUri, newUri } of files) [oldUri, newUri].forEach(tell);
    }),
  );
}

/** Git writes it when the branch is switched; in a worktree it lies elsewhere, and the files that change tell. */
const HEAD = '.git/HEAD';

/** The memory leaves these out whatever the ignore files say, and they change most of all. */
function isNeverIndexed(inside: string): boolean {
  return inside.split('/').some((part) => NEVER.has(part));
}

const NEVER = new Set(['.git', '.hg', '.svn', '.jj', 'node_modules']);
