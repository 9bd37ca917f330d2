import type { Json } from '../base/json.ts';
import type { ContextReport } from './context-report.ts';
import type { ModelUse } from './model-use.ts';
import type { ToolUse } from './tool-use.ts';

export type { ModelUse } from './model-use.ts';

/**
 * The run log. A run is a sequence of these events, each committed before anything may see it; every other view of a run
 * is a projection of them. Raise the version together with a frozen copy of the old shape, a modernize step and a sample
 * file that must still open.
 */
export const RUN_EVENT_VERSION = 4;

/** `r-` and 16 characters that sort by time. A sub-run's is its parent's and the number of the step that it is for. */
export type RunId = string;

/** Ordinals from the root, joined by dots: `3` is the third step of the run, `3.1` the first one inside it. */
export type StepId = string;

/** SHA-256 of the blob's UTF-8 text, in hex. */
export type BlobId = string;

/**
 * The id of the run that a step of kind `agent` is for. It follows from its parent, so that a parent whose process died finds
 * what its sub-run has done so far. A retry is a new run.
 */
export function childRunId(run: RunId, step: StepId, retry: number): RunId {
  return `${run}-${step.replaceAll('.', '_')}${retry === 0 ? '' : `-retry${retry}`}`;
}

/** The run that a run is a part of, over all levels; a run that is no part is its own. */
export function rootRunId(run: RunId): RunId {
  return /^r-[0-9a-z]{16}(?=-)/.exec(run)?.[0] ?? run;
}

/** A value, or where it is kept when it is large. */
export type Payload = { readonly inline: Json } | { readonly blob: BlobId; readonly bytes: number };

export const STEP_KINDS = [
  'snapshot',
  'index',
  'recall',
  'catalogue',
  'chat',
  'approval',
  'tool',
  'remember',
  /** A sub-run: another agent works on a part, in a run of its own. */
  'agent',
  /** What a sub-run did to its files, brought into the run's own. */
  'merge',
  /** From here on another agent leads the conversation. */
  'hand-over',
  /** Older messages of the context are replaced by a summary. */
  'condense',
  /** A person's word in the middle of the run. */
  'steer',
  /** The run stood still because it seemed to get nowhere or to cost too much, until a person let it go on. */
  'breaker',
  /** A node of a workflow; its steps are inside it. */
  'node',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/**
 * What doing a step a second time would mean, which decides its fate when the process died in the middle of it.
 * `read`: nothing; `contained`: it changes only the run's own copy, which can be put back first; `change`: it may change
 * something else, so a person decides.
 */
export type StepEffect = 'read' | 'contained' | 'change';

export type RunOutcome = 'succeeded' | 'failed' | 'stopped';

export type Isolation = 'copy' | 'workspace';

/** An error as it is recorded and shown: stable code, what happened, what to do. */
export interface ErrorInfo {
  readonly code: string;
  readonly message: string;
  readonly action?: string;
}

/** What a step did to the files of the run: the git trees before and after it, and the paths that differ. */
export interface FileChange {
  readonly before: string;
  readonly after: string;
  readonly paths: readonly string[];
}

/** Where a run came from. */
export type RunOrigin =
  | { readonly kind: 'user' }
  /** A step of another run started it. */
  | { readonly kind: 'sub-run'; readonly run: RunId; readonly step: StepId }
  /** It begins with the recorded steps of another run, up to and with `step`, and went on from there. */
  | { readonly kind: 'fork'; readonly run: RunId; readonly step: StepId }
  /** Same input and same files as another run. */
  | { readonly kind: 'rerun'; readonly run: RunId }
  /** Like a rerun, but one half is answered from the other run's log. */
  | { readonly kind: 'replay'; readonly run: RunId; readonly live: 'models' | 'tools' }
  /** Another program did it and told of it as a trace (OTLP). It can be looked at, and neither resumed nor replayed. */
  | { readonly kind: 'import'; readonly source: string; readonly trace: string };

/** What a person changes in the middle of a run: it takes effect with the next model call. */
export interface Steering {
  /** A message that the agent reads. */
  readonly text?: string;
  /** Another route, or one model of one provider, such as `anthropic/claude-opus-4-6`. */
  readonly route?: string;
  /** Takes the place of the agent's prompt. */
  readonly prompt?: string;
}

/** What a person says of a run when it has ended or stands still. What is absent stays as it was. */
export interface Rating {
  readonly verdict?: 'up' | 'down' | 'none';
  /** What should have been done, or was wrong; empty to take it back. */
  readonly correction?: string;
  /** `pinned` is recalled whenever it fits at all; `forgotten` is never remembered again. */
  readonly memory?: 'kept' | 'pinned' | 'forgotten';
}

/** What a sub-run and those below it came to. */
export interface RollUp {
  readonly steps: number;
  /** Model calls. */
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  readonly unpriced: number;
  readonly priced: number;
  readonly estimated: boolean;
}

interface Envelope {
  readonly v: typeof RUN_EVENT_VERSION;
  readonly run: RunId;
  /** 1, 2, 3, … without gaps. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What a writer hands in; the log adds version, run and sequence number. */
export type RunEventBody =
  | {
      readonly type: 'run.started';
      readonly origin: RunOrigin;
      /** Name of the agent, or of the workflow. */
      readonly agent: string;
      readonly task: string;
      /** Real path of the workspace folder. */
      readonly folder: string;
      readonly route: string;
      readonly isolation: Isolation;
      /** Everything else the run was started with; a replay starts from it. */
      readonly input: Payload;
      readonly strata: string;
      /** Who started it, by a name that people know them by; absent where nobody wants it kept, and in runs of before. */
      readonly user?: string;
    }
  | { readonly type: 'run.resumed'; readonly owner: string }
  | { readonly type: 'run.paused'; readonly reason: ErrorInfo }
  | {
      readonly type: 'run.finished';
      readonly outcome: RunOutcome;
      readonly answer?: Payload;
      readonly error?: ErrorInfo;
    }
  | {
      /** What the user decided about the files that the run changed, after it. */
      readonly type: 'run.changes';
      readonly decision: 'applied' | 'undone' | 'discarded';
      readonly paths: readonly string[];
      /** The trees that an apply can be undone with. */
      readonly undo?: { readonly base: string; readonly result: string };
    }
  | {
      /** A person's word to the agent; a `steer` step takes it in before the next model call. */
      readonly type: 'run.steered';
      readonly steering: Steering;
    }
  | { readonly type: 'run.rated'; readonly rating: Rating }
  | {
      /** The run's own copy was put back to how a step had left it. */
      readonly type: 'run.restored';
      readonly step: StepId;
      readonly tree: string;
    }
  | {
      readonly type: 'step.started';
      readonly step: StepId;
      readonly kind: StepKind;
      readonly name: string;
      readonly effect: StepEffect;
      /** SHA-256 of the canonical JSON of kind, name and input, in hex. */
      readonly inputHash: string;
      readonly input: Payload;
      /** 1 for the first time; higher when it is done again: its process died in the middle of it, or it failed. */
      readonly attempt: number;
      /** How often it failed and was tried again by itself; absent when never. */
      readonly retry?: number;
      /** The run that this step is for, of kind `agent`. */
      readonly child?: RunId;
      /** What is in the context of this model call, and what was left out. */
      readonly context?: ContextReport;
    }
  | {
      readonly type: 'step.output';
      readonly step: StepId;
      /** Text that streamed in since the last one. For people only: the output of record is in `step.finished`. */
      readonly text: string;
    }
  | {
      readonly type: 'step.note';
      readonly step: StepId;
      readonly level: 'info' | 'warning';
      /** One sentence: a routing decision, a retry, a fallback, a cache hit. */
      readonly text: string;
    }
  | {
      readonly type: 'step.finished';
      readonly step: StepId;
      readonly output: Payload;
      readonly durationMs: number;
      /** The tool's own failure or refusal: the step went well and its output says what went wrong. */
      readonly isError?: boolean;
      readonly model?: ModelUse;
      /** Of a tool call. */
      readonly tool?: ToolUse;
      readonly files?: FileChange;
      /** Of a sub-run. */
      readonly rollUp?: RollUp;
      /** A person gave this result in place of the recorded one, where the run was forked. */
      readonly edited?: true;
    }
  | {
      readonly type: 'step.failed';
      readonly step: StepId;
      readonly error: ErrorInfo;
      readonly durationMs: number;
    }
  | {
      /** It was started and did not end: the process died, or what it needed went away. It may be started again. */
      readonly type: 'step.interrupted';
      readonly step: StepId;
      readonly reason: ErrorInfo;
    };

export type RunEvent = Envelope & RunEventBody;
