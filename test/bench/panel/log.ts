import { openRunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { RunView } from '../../../extension/src/protocol/run-view.ts';
import { applyEvent, foldRun } from '../../../extension/src/protocol/run-view.ts';
import type { RunSource } from '../../../extension/src/vscode/trace-panel/ports.ts';
import { longRun } from './long-run.ts';

export interface LogOfRuns {
  readonly store: RunStore;
  record(run: string, options: { readonly steps: number; readonly bytes: number }): void;
  /** Kept once it was read, and kept up to date, as a window does. */
  view(run: string): RunView | undefined;
  steps(run: string): number;
  /** The next view is read from the log. */
  forget(): void;
  source(run: string): RunSource & { readonly id: string };
  dispose(): void;
}

export function openLog(file: string): LogOfRuns {
  const store = openRunStore(file, Date.now);
  const views = new Map<string, RunView>();
  const steps = new Map<string, number>();
  const view = (run: string): RunView | undefined => {
    const kept = views.get(run);
    if (kept) return kept;
    const read = foldRun(store.read(run));
    if (read) views.set(run, read);
    return read;
  };
  store.onDidAppend((events) => {
    for (const event of events) {
      const kept = views.get(event.run);
      if (kept) applyEvent(kept, event);
    }
  });
  return {
    store,
    view,
    record: (run, options) => {
      store.importRun(longRun(run, options));
      steps.set(run, options.steps);
    },
    steps: (run) => steps.get(run) ?? 0,
    forget: () => {
      views.clear();
    },
    source: (id) => ({
      id,
      view,
      read: (run, afterSeq) => store.read(run, afterSeq),
      onDidAppend: store.onDidAppend,
      getBlob: (blob) => store.getBlob(blob),
      facts: (run) => ({ live: store.statusOf(run) === 'running', own: false, waiting: [] }),
    }),
    dispose: () => {
      store.dispose();
    },
  };
}
