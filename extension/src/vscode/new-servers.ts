import * as vscode from 'vscode';

/** The file that brings servers; without it nothing is loaded to look for them. */
const FILE = '.mcp.json';

/** Looks, when the window opens and when something changes, whether folders bring servers of their own. */
export function whenServersAreBrought(
  onDidChange: vscode.Event<undefined>,
  tell: () => Promise<void>,
  report: (error: unknown) => void,
): vscode.Disposable {
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking || !vscode.workspace.isTrusted) return;
    looking = true;
    try {
      if (await bringsServers()) await tell();
    } finally {
      looking = false;
    }
  };
  const start = (): void => void look().catch(report);
  start();
  return onDidChange(start);
}

async function bringsServers(): Promise<boolean> {
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    try {
      await vscode.workspace.fs.stat(vscode.Uri.joinPath(uri, FILE));
      return true;
    } catch (error) {
      // Most folders have none.
      if (!(error instanceof vscode.FileSystemError)) throw error;
    }
  }
  return false;
}
