import type { ComparedRun } from '../../core/orchestration/compare/index.ts';
import type { ComparedPair } from '../../protocol/compare-panel.ts';
import type { RunId, StepId } from '../../protocol/run-event.ts';

/** A run of an open folder. */
export interface FoundRun {
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

/** A file as a run left it. */
export interface LeftFile {
  readonly run: RunId;
  readonly tree: string;
}

export interface FilePair {
  readonly path: string;
  readonly a: LeftFile;
  readonly b: LeftFile;
}

export interface CompareActions {
  readonly openStep: (run: RunId, step: StepId | undefined) => Promise<unknown>;
  readonly openText: (pair: ComparedPair) => Promise<unknown>;
  readonly openFile: (file: FilePair) => Promise<unknown>;
  readonly chooseRuns: () => Promise<unknown>;
}
