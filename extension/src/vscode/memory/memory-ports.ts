import type { Json } from '../../base/json.ts';
import type { EmbedderSurroundings } from '../../core/memory/embedding/index.ts';
import type { Memory } from '../../core/memory/index.ts';
import type { FolderOtherWords } from '../../folder-expansion.ts';
import type { Notes } from '../../node/notes/index.ts';
import type { RunSummary } from '../../node/sqlite/index.ts';
import type { Payload, Rating, RunId } from '../../protocol/run-event.ts';
import type { RunView } from '../../protocol/run-view.ts';
import type { Found } from '../choose-found.ts';

/** Layer 3 of one open folder, as the view and the commands need it. */
export interface FolderMemory {
  /** File-system path. */
  readonly folder: string;
  readonly name: string;
  readonly memory: Memory;
  readonly notes: Notes;
  /** The embedder of the settings is put to use; throws what is wrong with them. */
  applySettings(): Promise<void>;
  /** What a person says of a run; the log keeps it, and the memory follows. */
  rate(run: RunId, rating: Rating): Promise<unknown>;
  /** What is kept of these runs is gone from the memory and from its files when it resolves. */
  forget(runs: readonly RunId[], signal: AbortSignal): Promise<unknown>;
  /** Its runs, the newest first. */
  runs(limit: number): readonly RunSummary[];
  has(run: RunId): boolean;
  view(run: RunId): RunView | undefined;
  readonly payload: (payload: Payload) => Json;
  /** What a model of the folder's routes writes for a search that finds too little. */
  readonly otherWords: FolderOtherWords;
}

export type FoundMemory = Found<FolderMemory>;

/** What the commands of the memory view work with. */
export interface MemoryPorts {
  /** The open folders; opens those that are not yet. */
  readonly find: () => Promise<FoundMemory>;
  /** Where embedders find keys and keep what they download. */
  readonly embedding: EmbedderSurroundings;
  readonly report: (error: unknown) => void;
  /** The view is read anew. */
  readonly refresh: () => void;
}
