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
  let shared: string | undefined;
  let again: NodeJS.Timeout | undefined;
  const watch = watchState(
    memory,
    (state) => {
      queue.hold(state.phase === 'paused');
      // At another place there may be nothing yet, or what others have written of it.
      const begins = state.kept === 'here' && (kept === 'elsewhere' || state.shared !== shared);
      ({ kept, shared } = state);
      if (begins) queue.addAll();
      clearTimeout(again);
      // A server that is back does not say so.
      if (state.phase === 'unavailable' && shared !== undefined) again = setTimeout(watch.ask, AGAIN_MS);
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
      clearTimeout(again);
      for (const part of [watch, watching, queue]) part.dispose();
    },
  };
}

/** How often a shared memory that cannot be reached is tried. */
const AGAIN_MS = 60_000;
