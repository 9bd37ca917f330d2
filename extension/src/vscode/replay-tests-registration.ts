import * as vscode from 'vscode';
import { loadOnce } from '../base/load-once.ts';
import type { ReplayTests } from './replay-tests/index.ts';

const RECORDINGS = '.strata/replays';

export interface RegisteredReplayTests extends vscode.Disposable {
  readonly controller: vscode.TestController;
  /** Reads the folders anew. */
  readonly refresh: () => Promise<void>;
}

/**
 * Recordings of the open folders in the Test Explorer. What reads and replays them is loaded when there is one, or when the
 * Test Explorer asks.
 */
export function registerReplayTests(report: (error: unknown) => void): RegisteredReplayTests {
  const controller = vscode.tests.createTestController('strata.replays', 'Strata Replays');
  const watcher = vscode.workspace.createFileSystemWatcher(`**/${RECORDINGS}/*.strata-run`);
  // A file that is written right after its folder was made can escape the editor's watcher, and the folder does not.
  const folders = vscode.workspace.createFileSystemWatcher('**/.strata{,/replays}', false, true, false);
  const opened = loadOnce(async (): Promise<ReplayTests> => {
    const { openReplayTests } = await import('./replay-tests/index.ts');
    return openReplayTests(controller);
  });
  const find = async (): Promise<void> => (await opened.get()).find();
  const findIfAny = async (): Promise<void> => {
    if (opened.known() || (await hasRecordings())) await find();
  };

  controller.resolveHandler = async (item) => {
    if (!item) await find();
  };
  controller.refreshHandler = find;
  const disposables = [
    watcher,
    watcher.onDidCreate((file) => void opened.get().then((tests) => tests.add(file), report)),
    watcher.onDidChange((file) => void opened.get().then((tests) => tests.changed(file), report)),
    watcher.onDidDelete((file) => void opened.get().then((tests) => tests.remove(file), report)),
    folders,
    folders.onDidCreate(() => void findIfAny().catch(report)),
    folders.onDidDelete(() => void findIfAny().catch(report)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void findIfAny().catch(report)),
  ];
  void findIfAny().catch(report);

  return {
    controller,
    refresh: find,
    dispose: () => {
      for (const disposable of [...disposables, controller]) disposable.dispose();
    },
  };
}

async function hasRecordings(): Promise<boolean> {
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    try {
      const found = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(uri, RECORDINGS));
      if (found.some(([name]) => name.endsWith('.strata-run'))) return true;
    } catch (error) {
      // Most folders have none.
      if (!(error instanceof vscode.FileSystemError)) throw error;
    }
  }
  return false;
}
