import type * as vscode from 'vscode';
import type { IndexState } from '../../../core/memory/index.ts';
import type { FolderMemory } from '../memory-ports.ts';
import { watchState } from '../watch-state.ts';
import { ChangeQueue } from './change-queue.ts';
import { watchFolder } from './watch-folder.ts';

/**
 * Keeps the index of a folder up to date for as long as it lives: once as a whole, then with each change. Of several windows
 * on one folder only the keeper does; another takes over when that goes.
 */
export function keepIndex(
  folder: vscode.WorkspaceFolder,
  { memory }: Pick<FolderMemory, 'memory'>,
  log: (error: unknown) => void,
): vscode.Disposable {
  const queue = new ChangeQueue({
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return { dispose: () => clearTimeout(timer) };
    },
    update: (paths, signal) => memory.update(paths, { signal }),
    index: (signal) => memory.index({ signal }),
    onFailure: log,
  });
  // Nobody is the keeper before it is known who is.
  let kept: IndexState['kept'] = 'elsewhere';
  const watch = watchState(
    memory,
    (state) => {
      queue.hold(state.phase === 'paused');
      const takesOver = kept === 'elsewhere' && state.kept === 'here';
      ({ kept } = state);
      if (takesOver) queue.addAll();
    },
    log,
  );
  const watching = watchFolder(folder, {
    onPath: (path) => {
      if (kept === 'here') queue.add(path);
    },
    onAll: () => {
      if (kept === 'here') queue.addAll();
    },
  });
  watch.ask();
  return {
    dispose: () => {
      for (const part of [watch, watching, queue]) part.dispose();
    },
  };
}
