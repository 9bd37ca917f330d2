/** What is kept of a run when it has ended: a projection of its log. What came later is absent in older ones. */
export interface Episode {
  /** The run's id, so an episode is written once however often it is written. */
  readonly run: string;
  readonly at: number;
  readonly agent: string;
  readonly task: string;
  /** `succeeded`, `failed`, `stopped`, `paused`, or `interrupted` where its process died. */
  readonly outcome: string;
  /** The agent's own last words. */
  readonly answer: string;
  /** Paths of changed files, relative to the folder. */
  readonly files: readonly string[];
  /** Tools that failed or were refused, one line each. */
  readonly failures: readonly string[];
  /** Why it did not come to its end. */
  readonly error?: string;
  /** Tools and sub-agents with how often they were used, one line each. */
  readonly tried?: readonly string[];
  /** What did not work, and what worked in its place. */
  readonly remedies?: readonly Remedy[];
  /** What the agent asked to be remembered. Nobody has confirmed it. */
  readonly facts?: readonly string[];
  /** Steps that failed, and steps that changed files. */
  readonly failedSteps?: readonly string[];
  readonly changedSteps?: readonly string[];
  /** Runs and notes that it was told of. */
  readonly recalled?: readonly string[];
  /** The run that it is a fork, a rerun or a replay of. */
  readonly from?: string;
  /** Dollars, of the calls whose cost is known. */
  readonly usd?: number;
  readonly tokens?: number;
  /** Of work, without pauses. */
  readonly durationMs?: number;
  readonly verdict?: 'up' | 'down';
  /** What the person did with what it changed. */
  readonly changes?: 'applied' | 'discarded';
  /** What the person said should have been done. */
  readonly correction?: string;
  readonly pinned?: boolean;
  /** Time of the newest event that it was made from: an episode whose run has a newer one is out of date. */
  readonly seenAt?: number;
}

export interface Remedy {
  readonly tool: string;
  readonly failed: string;
  readonly worked: string;
}

/** What earlier runs and the notes can tell about a task. Entries without a kind are episodes, as in older logs. */
export type Recalled = RecalledEpisode | RecalledNote;

export interface RecalledEpisode extends Episode {
  readonly kind?: 'episode';
  /** Higher is better; comparable only within one answer. Absent in logs from before it was kept. */
  readonly score?: number;
  readonly why?: RecallReason;
  /** Older runs of the same task, newest first. */
  readonly alike?: readonly AlikeRun[];
}

export interface AlikeRun {
  readonly run: string;
  readonly outcome: string;
  readonly verdict?: 'up' | 'down';
  readonly correction?: string;
}

export interface RecalledNote {
  readonly kind: 'note';
  readonly id: string;
  readonly text: string;
  /** Who it comes from, as of a `Note`. */
  readonly by: 'person' | 'agent' | 'observed';
  readonly confirmed: boolean;
  readonly score: number;
  readonly why: RecallReason;
}

/** Why something was recalled. */
export interface RecallReason {
  /** Words of the task that it has too, as the task wrote them. */
  readonly words: readonly string[];
  /** Files that the task names and it changed. */
  readonly files?: readonly string[];
  readonly verdict?: 'corrected' | 'up' | 'down' | 'applied' | 'discarded';
  readonly pinned?: true;
}
