import type { RunId } from '../../../protocol/run-event.ts';
import type { RunStatus } from '../../../protocol/run-view.ts';

/**
 * What metrics and alerts are made of: a few numbers for each model call, each tool call, and each change of a run's state.
 * They follow from the run log, hold no content, and can be made again from it.
 */
export type Fact = RunFact | ModelFact | ToolFact;

interface Common {
  readonly run: RunId;
  /** Milliseconds since 1970: when it ended; of a run, when it began. */
  readonly at: number;
  /** Who led the run then. */
  readonly agent: string;
  /** The kind of task: of a model call the route that was asked, else the run's. */
  readonly route: string;
  /** Undefined where the log does not say who it was for. */
  readonly user: string | undefined;
}

/** The newest one of a run counts. */
export interface RunFact extends Common {
  readonly kind: 'run';
  readonly status: RunStatus;
  /** A step of another run started it. */
  readonly isPart: boolean;
  /** When it came to be in this state. */
  readonly until: number;
  /** Milliseconds of work up to then, without pauses. */
  readonly activeMs: number;
}

export interface ModelFact extends Common {
  readonly kind: 'model';
  /** `provider/model`; undefined where no model answered. */
  readonly model: string | undefined;
  /** Undefined where it is not known: of a call that a server asked for in the course of its own. */
  readonly durationMs: number | undefined;
  readonly firstTokenMs: number | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Part of `inputTokens`. */
  readonly cacheReadTokens: number;
  /** 0 for a free model, undefined where the cost is not known. */
  readonly usd: number | undefined;
  /** It has a price: it is neither free nor of unknown cost. */
  readonly priced: boolean;
  readonly estimated: boolean;
  /** Attempts that failed before this one. */
  readonly retries: number;
  readonly failed: boolean;
}

export interface ToolFact extends Common {
  readonly kind: 'tool';
  readonly tool: string;
  readonly durationMs: number;
  /** Answered from an earlier call. */
  readonly cached: boolean;
  readonly retries: number;
  readonly failed: boolean;
  /** How often the run's last calls, this one among them, were this very call. */
  readonly repeats: number;
}
