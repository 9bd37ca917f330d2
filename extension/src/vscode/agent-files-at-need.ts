import * as vscode from 'vscode';
import {
  DEFINITION_FOLDERS,
  isAgentFile,
  isWorkflowFile,
} from '../core/orchestration/agent-file/file-names.ts';

/** Loads the help with agent and workflow files once there is one: in a folder, or in an editor. */
export function agentFilesAtNeed(report: (error: unknown) => void): vscode.Disposable {
  const subscriptions: vscode.Disposable[] = [];
  let state: 'waiting' | 'needed' | 'over' = 'waiting';
  const load = async (): Promise<void> => {
    if (state !== 'waiting') return;
    state = 'needed';
    const { registerAgentFiles } = await import('./agent-files/index.ts');
    // `await` let others go on, who may have ended all of this.
    if (isOver()) return;
    subscriptions.push(registerAgentFiles({ report }));
  };
  const isOver = (): boolean => state === 'over';
  const whenOurs = ({ uri }: { readonly uri: vscode.Uri }): void => {
    if (isOurs(vscode.workspace.asRelativePath(uri, false))) load().catch(report);
  };
  const look = async (): Promise<void> => {
    vscode.workspace.textDocuments.forEach(whenOurs);
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
      for (const folder of DEFINITION_FOLDERS) {
        const names = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(uri, folder)).then(
          (entries) => entries.map(([name]) => name),
          // There is no such folder, as in most workspaces.
          () => [],
        );
        if (names.some((name) => isOurs(`${folder}/${name}`))) await load();
      }
    }
  };
  subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(whenOurs),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void look().catch(report)),
  );
  void look().catch(report);
  return new vscode.Disposable(() => {
    state = 'over';
    for (const subscription of subscriptions) subscription.dispose();
  });
}

function isOurs(path: string): boolean {
  return isAgentFile(path) || isWorkflowFile(path);
}
