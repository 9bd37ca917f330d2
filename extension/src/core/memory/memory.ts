import type { Event } from '../../base/event.ts';
import type { EmbedderConfig, Loading } from './embedding/index.ts';
import type { Episode, Recalled } from './episodes/episode.ts';

/** What a piece of the workspace is: it decides how a file is cut, and a search can ask for some kinds only. */
export type ChunkKind = 'code' | 'docs' | 'notebook' | 'config' | 'text';

/** A place in the workspace. Lines count from 1, both ends included. */
export interface Place {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** A piece of the workspace found by a search. */
export interface Hit extends Place {
  /** Name of the definition or heading, where there is one. */
  readonly symbol?: string;
  readonly kind?: ChunkKind;
  /** As `languageOf` names it. */
  readonly language?: string;
  readonly text: string;
  /** Higher is better; comparable only within one answer. */
  readonly score: number;
  readonly why?: HitReason;
  /** Other places with the same text, or nearly the same. */
  readonly alike?: readonly Place[];
}

/** Why a hit was found. */
export interface HitReason {
  /** Words of the query that stand in its path, its name or its text, as the query wrote them. */
  readonly words: readonly string[];
  /** Cosine similarity to the query, -1 to 1; absent where the embedder did not find it. */
  readonly similarity?: number;
  /** The query that found it, where a model wrote further ones. */
  readonly query?: string;
}

/** What a search looks at. All filters that are given must hold. */
export interface SearchFilter {
  /** Paths and globs relative to the folder, with `/`; a path of a directory means all below it. One of them must fit. */
  readonly paths?: readonly string[];
  readonly languages?: readonly string[];
  readonly kinds?: readonly ChunkKind[];
  /** Only files that were changed at or after it, in milliseconds since the epoch. */
  readonly changedSince?: number;
}

export interface SearchOptions {
  readonly limit: number;
  readonly filter?: SearchFilter;
  /** Further queries and a sketch of the code, written by a model; what they find counts less than what the query finds. */
  readonly expansions?: readonly string[];
  readonly signal: AbortSignal;
}

/** The state of a folder's index, as people are shown it. */
export interface IndexState {
  readonly phase: 'none' | 'indexing' | 'paused' | 'ready' | 'unavailable';
  readonly files: number;
  readonly chunks: number;
  /** While it is indexing. */
  readonly progress?: IndexProgress;
  /** Milliseconds since the epoch: when the whole folder was last brought up to date. */
  readonly indexedAt?: number;
  /** Absent for keyword search alone. */
  readonly embedder?: EmbedderState;
  /** Whether another process keeps the index up to date, and this one only reads it and asks it to. */
  readonly kept: 'here' | 'elsewhere';
  /** On the disk, of all tables together. */
  readonly bytes: number;
  /** The address where other machines have it, too; absent for a memory of this machine alone. There is no secret in it. */
  readonly shared?: string;
  /** Why it is unavailable, or what a person should know. */
  readonly problem?: { readonly message: string; readonly action: string };
}

export interface EmbedderState {
  /** `provider/model`. */
  readonly id: string;
  readonly dimension?: number;
  /** Distinct texts that have a vector, of all that should have one. */
  readonly embedded: number;
  readonly total: number;
  /** A local model that is being downloaded, in bytes. */
  readonly loading?: { readonly done: number; readonly total: number };
  readonly problem?: { readonly message: string; readonly action: string };
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
  /** The same for files and folders that were changed, made, renamed or removed; paths relative to the folder. */
  update(
    paths: readonly string[],
    options: { readonly signal: AbortSignal; readonly onProgress?: (progress: IndexProgress) => void },
  ): Promise<IndexReport>;
  /** Holds indexing back until `resume`, which goes on where it was. Searches work meanwhile. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  search(query: string, options: SearchOptions): Promise<readonly Hit[]>;
  /** Of the index; one that is not available is a state too. */
  state(): Promise<IndexState>;
  /** Forgets what was indexed, and the vectors made of it, from disk. */
  clear(): Promise<void>;
  /** What earlier runs and notes can tell about a task, best first. */
  recall(
    query: string,
    options: { readonly limit: number; readonly signal: AbortSignal },
  ): Promise<readonly Recalled[]>;
  /** Keeps each episode in the place of what was kept of its run before. */
  remember(...episodes: readonly Episode[]): Promise<void>;
  /** Newest first, of all runs or of those that are like the query. */
  episodes(options: {
    readonly limit: number;
    /** Only what is older. */
    readonly before?: number;
    readonly query?: string;
    /** Only that one. */
    readonly run?: string;
    readonly signal?: AbortSignal;
  }): Promise<readonly Episode[]>;
  /** By run the `seenAt` of its episode: what tells which of them are out of date. */
  seenEpisodes(signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /** When it resolves, they are gone from the table, from its older versions and from the disk. */
  forget(options: { readonly runs: readonly string[] }): Promise<{ readonly removed: number }>;
  stats(): Promise<{ readonly chunks: number; readonly files: number; readonly episodes: number }>;
  /** State, index or episodes have changed, here or in another process; at most some times a second. */
  readonly onDidChange: Event<void>;
  /**
   * Chooses what makes vectors; undefined for none. Everything is embedded anew in the background, and the vectors that were
   * there serve until that is done.
   */
  useEmbedder(config: EmbedderConfig | undefined): Promise<void>;
  /** Embeds one text with it, and downloads a local model for that. Throws an `EmbedderError`. */
  tryEmbedder(
    config: EmbedderConfig,
    options: { readonly signal: AbortSignal; readonly onLoading?: (loading: Loading) => void },
  ): Promise<{ readonly dimension: number; readonly ms: number }>;
  dispose(): Promise<void>;
}
