import type { ChunkKind } from '../memory.ts';

/** A row that a search found, and where it stands now. */
export interface Candidate {
  /** Hash of path, symbol and text. */
  readonly id: string;
  /** Hash of symbol and text: the same in every file. */
  readonly content: string;
  readonly path: string;
  readonly symbol?: string;
  readonly kind: ChunkKind;
  readonly language?: string;
  readonly text: string;
  /** At least one; a file may say the same more than once. */
  readonly places: readonly { readonly startLine: number; readonly endLine: number }[];
  /** Of the full-text search, or the cosine similarity to the query. */
  readonly score: number;
}
