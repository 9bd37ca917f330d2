import * as vscode from 'vscode';
import { loadOnce } from '../base/load-once.ts';
import type { ReplayTests } from './replay-tests/index.ts';
import { watchFiles } from './watch-files.ts';
import type { WatchedChange } from './watch-files.ts';

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
  const opened = loadOnce(async (): Promise<ReplayTests> => {
    const { openReplayTests } = await import('./replay-tests/index.ts');
    return openReplayTests(controller);
  });
  const find = async (): Promise<void> => (await opened.get()).find();
  const findIfAny = async (): Promise<void> => {
    if (opened.known() || (await hasRecordings())) await find();
  };
  const take = async (change: WatchedChange): Promise<void> => {
    if (change.kind === 'folder') return findIfAny();
    const tests = await opened.get();
    if (change.kind === 'made') tests.add(change.file);
    else if (change.kind === 'changed') tests.changed(change.file);
    else tests.remove(change.file);
  };

  controller.resolveHandler = async (item) => {
    if (!item) await find();
  };
  controller.refreshHandler = find;
  const disposables = [
    watchFiles(
      [`**/${RECORDINGS}/*.strata-run`],
      '**/.strata{,/replays}',
      (change) => void take(change).catch(report),
    ),
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
