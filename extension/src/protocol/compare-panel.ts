import type { Cost, Usage } from './message.ts';
import type { ErrorInfo, RunId, StepId, StepKind } from './run-event.ts';
import type { RunStatus, StepStatus } from './run-view.ts';
import type { Totals } from './totals.ts';

/** What the host and the page of a comparison say to each other, as `panel.ts` is for traces. */

/** The two runs, in the order in which they were chosen. */
export interface ComparedPair {
  readonly a: RunId;
  readonly b: RunId;
}

export type CompareSide = keyof ComparedPair;

/** A run as it is compared. */
export interface RunSide {
  readonly run: RunId;
  readonly agent: string;
  readonly task: string;
  readonly status: RunStatus;
  readonly error?: string;
  /** Milliseconds of work, without pauses. */
  readonly activeMs: number;
  readonly totals: Totals;
  readonly steps: number;
}

/** The same as the totals at the top show it. */
export interface CompareRun extends RunSide {
  readonly startedAt: number;
  /** Paths that it changed. */
  readonly files: number;
}

/** `only-a` and `only-b`: the other run has nothing at this place. */
export type StepVerdict = 'same' | 'changed' | 'only-a' | 'only-b';

/** Time, tokens and cost are shown and never make a step a different one. */
export type StepAspect = 'name' | 'model' | 'input' | 'output' | 'status' | 'files';

/** A line of the list: two steps that stand for each other, a step that only one run has, or the tasks or answers. */
export interface CompareLine {
  readonly part: 'task' | 'step' | 'answer';
  /** 1 for the run's own, more inside of another step. */
  readonly level: number;
  readonly verdict: StepVerdict;
  readonly a?: CompareStep;
  readonly b?: CompareStep;
  /** Empty where the lines inside differ, and not this one. */
  readonly aspects: readonly StepAspect[];
}

export interface CompareStep {
  /** That of the sub-run that it is a step of. */
  readonly run: RunId;
  readonly step: StepId;
  readonly kind: StepKind;
  readonly title: string;
  readonly detail: string;
  /** What it did, in a line. */
  readonly summary: string;
  readonly status: StepStatus;
  readonly isError: boolean;
  readonly durationMs?: number;
  readonly usage?: Usage;
  readonly cost?: Cost;
}

/** A piece of a text that both have, or only one of them. */
export interface ComparePart {
  readonly side: 'both' | CompareSide;
  readonly text: string;
}

export interface CompareText {
  readonly title: string;
  readonly parts: readonly ComparePart[];
}

/** `unknown`: both changed it, and what they made of it cannot be looked at. */
export type FileVerdict = 'same' | 'differs' | 'only-a' | 'only-b' | 'unknown';

export interface CompareFile {
  readonly path: string;
  readonly verdict: FileVerdict;
}

export type CompareHostMessage =
  /** Sent where comparing takes longer than a moment: the share that is done. */
  | { readonly type: 'progress'; readonly share: number }
  | {
      readonly type: 'comparison';
      /** Goes up when the runs are compared anew, so that answers about other lines can be told apart. */
      readonly version: number;
      readonly pair: ComparedPair;
      readonly a: CompareRun;
      readonly b: CompareRun;
      readonly summary: readonly string[];
      /** The first of so many; the others follow in messages of their own. */
      readonly lines: readonly CompareLine[];
      readonly total: number;
    }
  | { readonly type: 'lines'; readonly version: number; readonly lines: readonly CompareLine[] }
  | { readonly type: 'files'; readonly version: number; readonly files: readonly CompareFile[] }
  | {
      readonly type: 'texts';
      readonly version: number;
      readonly line: number;
      readonly texts: readonly CompareText[];
      /** More is recorded than is sent. */
      readonly cut: boolean;
    }
  | { readonly type: 'failed'; readonly pair: ComparedPair; readonly error: ErrorInfo };

export type ComparePageMessage =
  /** Also asked to try again. */
  | { readonly type: 'ready' }
  | { readonly type: 'texts'; readonly version: number; readonly line: number }
  | { readonly type: 'open-step'; readonly run: RunId; readonly step?: StepId }
  | { readonly type: 'open-file'; readonly path: string }
  | { readonly type: 'open-text' }
  | { readonly type: 'choose-runs' };

/** What a page kept before the window was reloaded. */
export interface CompareState extends ComparedPair {
  readonly v: 1;
  readonly line?: number;
  readonly onlyDifferences?: boolean;
  readonly scrollTop?: number;
  readonly filesOpen?: boolean;
}
