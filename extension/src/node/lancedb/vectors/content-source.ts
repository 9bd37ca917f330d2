import type { Event } from '../../../base/event.ts';

/** What should have vectors: the distinct contents of the index, as the vector leg sees them. */
export interface ContentSource {
  /** Hashes of the contents that stand somewhere in the workspace now. */
  liveContents(): ReadonlySet<string>;
  /** What is embedded of each: symbol and text. Those that went meanwhile are left out. */
  textsOf(contents: readonly string[]): Promise<ReadonlyMap<string, string>>;
  readonly onDidChange: Event<void>;
}
