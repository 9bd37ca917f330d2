import type { ComparedRun, FileTrees } from '../../core/orchestration/compare/index.ts';
import type { ComparedPair } from '../../protocol/compare-panel.ts';
import type { RunId, StepId } from '../../protocol/run-event.ts';

/** A run of an open folder. */
export interface FoundRun {
  /** Two runs of one folder keep their files in one place. */
  readonly folder: string;
  /** Goes up as the run goes on. */
  readonly version: number;
  readonly read: () => ComparedRun;
  /** A file of one of the run's trees; undefined when it has none of that path. */
  readonly fileAt: (tree: string, path: string) => Promise<Buffer | undefined>;
}

export interface CompareSource {
  /** Undefined when it was removed, or its folder is not open. */
  find(run: RunId): FoundRun | undefined;
}

/** A path in the trees that the two runs left behind. */
export interface FilePair {
  readonly path: string;
  readonly a: FileTrees | undefined;
  readonly b: FileTrees | undefined;
}

export interface CompareActions {
  readonly openStep: (run: RunId, step: StepId | undefined) => Promise<unknown>;
  readonly openText: (pair: ComparedPair) => Promise<unknown>;
  readonly openFile: (pair: ComparedPair, file: FilePair) => Promise<unknown>;
  readonly chooseRuns: () => Promise<unknown>;
}
