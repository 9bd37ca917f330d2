import type { RetentionPolicy } from './core/orchestration/index.ts';
import { collectGarbage, forgetRuns } from './node/git/index.ts';
import type { RunStore } from './node/sqlite/index.ts';
import type { RunId } from './protocol/run-event.ts';

/** Removing runs, with their files and with what only they used. */
export interface FolderTidy {
  /**
   * Removes what the policy does not keep, in small pieces, gives the room back to the disk, and removes images of tool
   * servers that nobody has used for a month. To be called when idle.
   */
  tidy(policy: RetentionPolicy, signal: AbortSignal): Promise<readonly RunId[]>;
  /** Removes a run and its sub-runs. Throws `run-owned` while one is worked on. */
  remove(run: RunId, signal: AbortSignal): Promise<readonly RunId[]>;
}

export function folderTidy(
  store: RunStore,
  filesDir: string,
  tidyTools: (signal: AbortSignal) => Promise<void>,
): FolderTidy {
  const forget = async (runs: readonly RunId[], signal: AbortSignal): Promise<readonly RunId[]> => {
    if (runs.length > 0) await forgetRuns(filesDir, runs, signal);
    return runs;
  };
  return {
    tidy: async (policy, signal) => {
      const { runs } = await store.prune(policy, Date.now(), signal);
      await forget(runs, signal);
      // It takes a while, and there is little to be had where nothing was removed.
      if (runs.length > 0) await collectGarbage(filesDir, signal);
      await tidyTools(signal);
      return runs;
    },
    remove: (run, signal) => forget(store.remove(run), signal),
  };
}
