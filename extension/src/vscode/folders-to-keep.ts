import * as vscode from 'vscode';

/** Folders on a disk whose index is to be kept without being asked. */
export function foldersToKeep(): readonly vscode.WorkspaceFolder[] {
  if (!vscode.workspace.isTrusted) return [];
  return (vscode.workspace.workspaceFolders ?? []).filter(
    ({ uri }) =>
      uri.scheme === 'file' &&
      vscode.workspace.getConfiguration('strata.memory', uri).get<string>('index') !== 'manual',
  );
}
