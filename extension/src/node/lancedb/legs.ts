import type { Event } from '../../base/event.ts';
import type { EmbedderState } from '../../core/memory/index.ts';

/** The texts of the workspace as embedders need them: by content, in whatever files and branches they stand. */
export interface ContentSource {
  /** Hashes of the distinct contents that live chunks have. */
  liveContents(): ReadonlySet<string>;
  /** Symbol and text of each; contents that are gone are left out. */
  textsOf(contents: readonly string[]): Promise<ReadonlyMap<string, string>>;
  readonly onDidChange: Event<void>;
}

/** The half of a search that goes by meaning. */
export interface VectorLeg {
  /** undefined without an embedder. */
  state(): EmbedderState | undefined;
  /**
   * The contents nearest to a query, nearest first; none without an embedder. Never throws for a broken embedder: the
   * search by words goes on, and `state()` says what is wrong.
   */
  nearest(
    query: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly content: string; readonly similarity: number }[]>;
  /** Of this leg, where the search by words has 1. */
  readonly weight: number;
  /** Drops the vectors of all other contents. */
  collect(live: ReadonlySet<string>): Promise<void>;
  close(): Promise<void>;
}
