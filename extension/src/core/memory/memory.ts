/** A piece of the workspace found by a search. Lines count from 1, both ends included. */
export interface Hit {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  /** Name of the definition or heading, where there is one. */
  readonly symbol?: string;
  readonly text: string;
  /** Higher is better; comparable only within one answer. */
  readonly score: number;
}

/** What is kept of a run when it has ended. */
export interface Episode {
  /** The run's id, so an episode is written once however often it is written. */
  readonly run: string;
  readonly at: number;
  readonly agent: string;
  readonly task: string;
  readonly outcome: string;
  /** The agent's own last words. */
  readonly answer: string;
  /** Paths of changed files, relative to the folder. */
  readonly files: readonly string[];
  /** Tools that failed or were refused, one line each. */
  readonly failures: readonly string[];
}

export interface IndexReport {
  readonly files: number;
  readonly chunks: number;
  /** Files whose content had changed since the last time. */
  readonly changed: number;
  readonly removed: number;
  /** Files that are not ignored but were not indexed: too large, binary, generated, unreadable. */
  readonly skipped: number;
  /** What a person should know: data that was set aside, files beyond the limit. One sentence each. */
  readonly notes?: readonly string[];
}

export interface IndexProgress {
  readonly done: number;
  readonly total: number;
}

/** Layer 3 as the other layers see it. Every call may throw a `StrataError` that says why memory is not available. */
export interface Memory {
  /** Brings the index up to date with the folder: only changed files are read again. */
  index(options: {
    readonly signal: AbortSignal;
    readonly onProgress?: (progress: IndexProgress) => void;
  }): Promise<IndexReport>;
  search(
    query: string,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<readonly Hit[]>;
  recall(
    query: string,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<readonly Episode[]>;
  remember(episode: Episode): Promise<void>;
  stats(): Promise<{ readonly chunks: number; readonly files: number; readonly episodes: number }>;
  dispose(): Promise<void>;
}
