import { changesOf, newestTree } from './core/orchestration/index.ts';
import type { Lease, RunChanges } from './core/orchestration/index.ts';
import { nothingChanged, nothingToUndo, stepHasNoFiles } from './folder-errors.ts';
import type { Applied, ApplyOptions, GitRunFiles } from './node/git/index.ts';
import type { RunStore } from './node/sqlite/index.ts';
import type { RunId, StepId } from './protocol/run-event.ts';
import { foldRun, stepOf } from './protocol/run-view.ts';
import type { RunView } from './protocol/run-view.ts';

/** What a run did to files, and what the person makes of it. */
export interface FolderChanges {
  changes(run: RunId): RunChanges | undefined;
  /** Unified text of what the run changed, or one step of it. */
  diff(run: RunId, signal: AbortSignal, step?: StepId): Promise<string>;
  /** A file of one of the run's trees. */
  fileAt(run: RunId, tree: string, path: string): Promise<Buffer | undefined>;
  apply(run: RunId, signal: AbortSignal, options?: ApplyOptions): Promise<Applied>;
  /** Puts back the files that the newest apply replaced. */
  undo(run: RunId, signal: AbortSignal): Promise<Applied>;
  discard(run: RunId): Promise<void>;
  /** Puts the run's files back to how a step had left them: what is applied from then on is what was done up to there. */
  restore(run: RunId, step: StepId, signal: AbortSignal): Promise<void>;
}

type OpenFiles = (view: RunView) => Promise<GitRunFiles>;

export function folderChanges(store: RunStore, openFiles: OpenFiles): FolderChanges {
  const view = (run: RunId): RunView | undefined => foldRun(store.read(run));

  const changed = (run: RunId): { readonly changes: RunChanges; readonly seen: RunView } => {
    const seen = view(run);
    const changes = seen && changesOf(seen);
    if (!changes) throw nothingChanged(run);
    return { changes, seen };
  };

  return {
    changes: (run) => {
      const seen = view(run);
      return seen && changesOf(seen);
    },
    diff: async (run, signal, step) => {
      const seen = view(run);
      const files = seen && step !== undefined ? stepOf(seen, step)?.files : undefined;
      const changes = files ? { base: files.before, result: files.after } : seen && changesOf(seen);
      return seen && changes ? (await openFiles(seen)).diff(changes.base, changes.result, signal) : '';
    },
    fileAt: async (run, tree, path) => {
      const seen = view(run);
      return seen && (await openFiles(seen)).readFile(tree, path);
    },
    apply: (run, signal, options) =>
      deciding(store, run, async (lease) => {
        const { changes, seen } = changed(run);
        const files = await openFiles(seen);
        const applied = await files.apply(changes, signal, options);
        if (applied.kind === 'conflict') return applied;
        store.append(lease, [
          {
            type: 'run.changes',
            decision: 'applied',
            paths: changes.paths,
            ...(applied.undo ? { undo: applied.undo } : {}),
          },
        ]);
        // The snapshots hold all that the run made; its copy would only take up room.
        await files.discard();
        return applied;
      }),
    undo: (run, signal) =>
      deciding(store, run, async (lease) => {
        const seen = view(run);
        if (!seen?.undo) throw nothingToUndo(run);
        const undone = await (await openFiles(seen)).undoApply(seen.undo, signal);
        if (undone.kind === 'conflict') return undone;
        const paths = [...undone.written, ...undone.deleted];
        store.append(lease, [{ type: 'run.changes', decision: 'undone', paths }]);
        return undone;
      }),
    discard: (run) =>
      deciding(store, run, async (lease) => {
        const { changes, seen } = changed(run);
        await (await openFiles(seen)).discard();
        store.append(lease, [{ type: 'run.changes', decision: 'discarded', paths: changes.paths }]);
      }),
    restore: (run, step, signal) =>
      deciding(store, run, async (lease) => {
        const seen = view(run);
        const at = seen?.steps.findIndex(({ id }) => id === step) ?? -1;
        const before =
          seen && at >= 0 ? { ...seen, restored: undefined, steps: seen.steps.slice(0, at + 1) } : undefined;
        const tree = before && newestTree(before);
        if (!seen || tree === undefined) throw stepHasNoFiles(run, step);
        await (await openFiles(seen)).restore(tree, signal);
        store.append(lease, [{ type: 'run.restored', step, tree }]);
      }),
  };
}

/** Nobody may work on a run while its changes are being decided on. */
export async function deciding<T>(
  store: RunStore,
  run: RunId,
  work: (lease: Lease) => Promise<T>,
): Promise<T> {
  const lease = store.acquire(run);
  try {
    return await work(lease);
  } finally {
    store.release(lease);
  }
}
