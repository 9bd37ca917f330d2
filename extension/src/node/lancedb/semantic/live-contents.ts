import { Emitter } from '../../../base/event.ts';
import type { ContentSource } from '../legs.ts';
import { dataVersion, type ChunkStore } from './chunk-store.ts';
import { rowsOf } from './chunk-table.ts';
import { contentsOf, piecesByContent } from './places/pieces.ts';
import { liveNumbers } from './places/versions.ts';

export interface LiveContents extends ContentSource {
  /** The workspace was written anew, or some of it. */
  changed(): void;
}

/** The texts of the workspace for whoever embeds them. */
export function liveContents(store: ChunkStore): LiveContents {
  const didChange = new Emitter<void>();
  let live: { readonly stamp: string; readonly contents: ReadonlySet<string> } | undefined;
  // SQLite does not count our own writes as those of another.
  let writes = 0;
  return {
    onDidChange: didChange.event,
    changed: () => {
      writes++;
      didChange.fire();
    },
    liveContents: () => {
      const opened = store.peek();
      if (opened === undefined) return new Set();
      const stamp = `${dataVersion(opened.places)} ${String(writes)}`;
      if (live?.stamp !== stamp)
        live = { stamp, contents: contentsOf(opened.places, liveNumbers(opened.places)) };
      return live.contents;
    },
    textsOf: async (wanted) => {
      const found = await store.read(async ({ table, places }) => {
        const ids = new Map(piecesByContent(places, wanted).map(({ content, id }) => [content, id]));
        return await rowsOf(table, [...ids.values()]);
      });
      return new Map(
        (found ?? []).map(({ content, symbol, text }) => [content, `${symbol ?? ''}\n${text}`.trim()]),
      );
    },
  };
}
