import type { Json } from '../../base/json.ts';
import type { ContextReport } from '../../protocol/context-report.ts';
import type {
  ErrorInfo,
  FileChange,
  ModelUse,
  RollUp,
  RunId,
  StepEffect,
  StepId,
  StepKind,
} from '../../protocol/run-event.ts';
import type { ToolUse } from '../../protocol/tool-use.ts';

export interface StepSpec {
  readonly kind: StepKind;
  readonly name: string;
  readonly effect: StepEffect;
  /** Everything that decides the answer. Large parts go in as the id of a blob. */
  readonly input: Json;
  /** The step is for a run of its own; `StepIo.child` is its id. */
  readonly child?: true;
  readonly context?: ContextReport;
  readonly limits?: StepLimits;
}

/** No part of a step's identity: a replay needs no time, and nothing fails in it that did not fail before. */
export interface StepLimits {
  /** Milliseconds that one try may take, waiting for people excluded. */
  readonly runMs?: number;
  /** Milliseconds without a sign of life: streamed text or a note. */
  readonly idleMs?: number;
  /** How often it is done again after an error that neither pauses nor stops the run. */
  readonly retries?: number;
}

export interface StepIo {
  readonly step: StepId;
  readonly signal: AbortSignal;
  /** Text for people to watch while the step goes on. */
  readonly output: (text: string) => void;
  readonly note: (level: 'info' | 'warning', text: string) => void;
  /** Of a step with a run of its own. */
  readonly child: RunId | undefined;
}

export interface StepResult<T extends Json> {
  readonly output: T;
  readonly isError?: boolean;
  readonly model?: ModelUse;
  readonly tool?: ToolUse;
  readonly files?: FileChange;
  readonly rollUp?: RollUp;
}

/** A step that has ended. */
export type StepEnd<T extends Json> = StepResult<T> & { readonly step: StepId };

/**
 * The one way to an effect: recorded before and after, executed at most once, answered from the log ever after. A step's
 * ordinal is taken when it is asked for, so parallel steps must be asked for in an order that does not depend on how fast
 * they are; branches of more than one step go into a `group` each.
 */
export interface Steps {
  /** Executes the step, or answers it from the log. Throws what it failed with, `RunPaused`, `RunStopped` or `Divergence`. */
  run<T extends Json>(spec: StepSpec, execute: (io: StepIo) => Promise<StepResult<T>>): Promise<StepEnd<T>>;
  /** A step whose answer is at hand: both its events are committed together. */
  record<T extends Json>(spec: StepSpec, make: () => T): T;
  /** Pauses the run for the reason, and returns once a person has let it go on; at once where one has already. */
  halt(spec: StepSpec, reason: ErrorInfo, isAllowed?: boolean): void;
  /** Steps inside of a step, `N.1`, `N.2`, …; `body` must depend on nothing but their answers. */
  group<T extends Json>(spec: StepSpec, body: (inner: Steps, step: StepId) => Promise<T>): Promise<T>;
  /** The kind of the next step where the log knows it already. */
  upcoming(): StepKind | undefined;
}
