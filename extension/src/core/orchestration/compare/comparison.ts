import type { RunSide, StepAspect, StepVerdict } from '../../../protocol/compare-panel.ts';
import type { Cost, Usage } from '../../../protocol/message.ts';
import type { Payload, RunId, StepId, StepKind } from '../../../protocol/run-event.ts';
import type { RunView, StepStatus } from '../../../protocol/run-view.ts';
import type { Json } from '../../../base/json.ts';

/** A recorded run as it is compared; the two may be in different folders, or in files. */
export interface ComparedRun {
  readonly view: RunView;
  readonly payload: (payload: Payload) => Json;
  /** The run of a step, where it is at hand. */
  readonly subRun: (run: RunId) => RunView | undefined;
}

/** Two runs side by side. Plain data, for a terminal, a panel or a program. */
export interface RunComparison {
  readonly a: RunSide;
  readonly b: RunSide;
  /** Aligned; steps of sub-runs and inside of steps are nested. */
  readonly steps: readonly ComparedStep[];
  /** Of all levels. */
  readonly counts: Readonly<Record<StepVerdict, number>>;
  /** Absent when both ended with the same answer. */
  readonly answer?: readonly TextPart[];
  readonly files: ComparedFiles;
  /** The same in sentences, the most telling first. */
  readonly summary: readonly string[];
}

export interface ComparedStep {
  readonly verdict: StepVerdict;
  readonly a?: StepSide;
  readonly b?: StepSide;
  readonly differences: readonly StepDifference[];
  readonly steps: readonly ComparedStep[];
}

export interface StepDifference {
  readonly aspect: StepAspect;
  readonly parts: readonly TextPart[];
}

export interface StepSide {
  readonly step: StepId;
  readonly kind: StepKind;
  readonly name: string;
  readonly status: StepStatus;
  readonly isError: boolean;
  /** What it did, in a line. */
  readonly summary: string;
  readonly durationMs?: number;
  readonly model?: { readonly name: string; readonly usage: Usage; readonly cost: Cost };
  readonly paths: readonly string[];
  readonly child?: RunId;
}

/** A piece of a text that both have, or only one of them. */
export interface TextPart {
  readonly side: 'both' | 'a' | 'b';
  readonly text: string;
}

export interface ComparedFiles {
  readonly both: readonly string[];
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  /** Git trees as each run found and as it left the files, where it came so far. */
  readonly a?: FileTrees;
  readonly b?: FileTrees;
  /** Whether both left the same files behind; absent when that is not known. */
  readonly equal?: boolean;
}

export interface FileTrees {
  readonly base: string;
  readonly result: string;
}
