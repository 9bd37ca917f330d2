import path from 'node:path';
import * as vscode from 'vscode';
import { runReplays } from './run-replays.ts';

/** The recordings of the open folders, as the items of a test controller. */
export interface ReplayTests {
  /** Reads the folders anew. */
  find(): Promise<void>;
  add(file: vscode.Uri): void;
  /** Its result is not that of the file any more. */
  changed(file: vscode.Uri): void;
  remove(file: vscode.Uri): void;
}

export function openReplayTests(controller: vscode.TestController): ReplayTests {
  const add = (file: vscode.Uri): vscode.TestItem => {
    const known = controller.items.get(file.toString());
    if (known) return known;
    const item = controller.createTestItem(file.toString(), path.basename(file.fsPath, '.strata-run'), file);
    // Names repeat in a window with several folders.
    const folder = vscode.workspace.getWorkspaceFolder(file);
    if (folder && (vscode.workspace.workspaceFolders?.length ?? 0) > 1) item.description = folder.name;
    controller.items.add(item);
    return item;
  };
  const find = async (): Promise<void> => {
    const { listRecordings } = await import('../../node/recordings/index.ts');
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    const files = await Promise.all(folders.map(({ uri }) => listRecordings(uri.fsPath)));
    const items = files.flat().map((file) => add(vscode.Uri.file(file)));
    controller.items.replace(items);
  };
  controller.createRunProfile(
    'Replay',
    vscode.TestRunProfileKind.Run,
    async (request, token) => {
      // All of them are all that are there now, whatever the watcher has seen.
      if (!request.include) await find();
      await runReplays(controller, request, token);
    },
    true,
  );
  return {
    find,
    add,
    changed: (file) => controller.invalidateTestResults(add(file)),
    remove: (file) => controller.items.delete(file.toString()),
  };
}
