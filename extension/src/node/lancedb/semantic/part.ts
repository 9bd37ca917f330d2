import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { messageOf } from '../../../base/errors.ts';
import {
  memoryGrammarsLacking,
  type IndexProgress,
  type IndexReport,
  type IndexState,
} from '../../../core/memory/index.ts';
import { handler, type Handler, type PartContext, type ServedCall } from '../handler.ts';
import type { ContentSource, VectorLeg } from '../legs.ts';
import type { WriteOptions } from '../store.ts';
import { openChunkStore } from './chunk-store.ts';
import { chunkShape } from './chunk-table.ts';
import { measuredSize } from './folder-size.ts';
import { FreshRows } from './fresh-rows.ts';
import { Gate } from './gate.ts';
import { indexFolder, updatePaths, type IndexParts } from './index-run.ts';
import { openKeeper } from './keeper.ts';
import { liveContents } from './live-contents.ts';
import type { Opened } from './opened.ts';
import { liveCounts } from './places/files.ts';
import { numberAt } from './places/words.ts';
import { clearCall, indexCall, pauseCall, searchCall, stateCall, updateCall } from './requests.ts';
import { restingCutter } from './resting-cutter.ts';
import { search } from './search.ts';
import { openTending } from './tending.ts';
import { syncFresh } from './upkeep.ts';

export interface SemanticPart {
  readonly handlers: readonly Handler[];
  readonly contents: ContentSource;
  /** The half that goes by meaning; it is told when to work and what to drop. */
  attach(vectors: AttachedVectors): void;
  /** Whether there is something to do, or to wait for, that no call asks for. */
  readonly isAtWork: boolean;
  close(): Promise<void>;
}

export interface AttachedVectors extends VectorLeg {
  run(on: boolean): void;
}

/** What the other parts do when an index run ends, or when all is forgotten. */
export interface OtherParts {
  /** Makes what else is stored readable again; returns what had to be set aside. */
  mend(options: WriteOptions): Promise<readonly string[]>;
}

/** The index of the workspace. */
export function semanticPart({ native, place, changed }: PartContext, others: OtherParts): SemanticPart {
  const { folder, storageDir, lockWaitMs, quietMs, oldVersionsMs } = place;
  const store = openChunkStore(native, storageDir, chunkShape(native.arrow), place.shared);
  const fresh = new FreshRows();
  const gate = new Gate();
  const contents = liveContents(store);
  const cutter = restingCutter();
  const size = measuredSize(storageDir, Date.now);
  /** What was asked for while the index was paused. */
  const missed = new Set<string>();
  let vectors: AttachedVectors | undefined;
  let catchingUp = false;
  let progress: IndexProgress | undefined;
  let synced: { readonly places: DatabaseSync; readonly version: string } | undefined;
  let seen: string | undefined;

  function written(): void {
    contents.changed();
    changed();
  }

  const keeper = openKeeper(join(storageDir, 'keeper.lock'), () => {
    vectors?.run(!gate.isClosed);
    changed();
  });
  const tending = openTending({
    storageDir,
    lockWaitMs,
    quietMs,
    oldVersionsMs,
    store,
    fresh,
    clock: Date.now,
    onCollected: async (left) => vectors?.collect(left),
    onError: (error) => process.stderr.write(`Memory process: ${messageOf(error)}\n`),
  });
  const parts: IndexParts = {
    folder,
    storageDir,
    lockWaitMs,
    store,
    fresh,
    gate,
    cut: (path, text) => cutter.chunks(path, text),
    written: async (signal) => {
      written();
      await tending.written(signal);
    },
    ended: async (signal) => {
      written();
      await tending.ended(signal);
    },
    now: Date.now,
  };

  // Other processes write too.
  const look = async (): Promise<void> => {
    const stamp = await store.stamp();
    if (seen !== undefined && stamp !== seen) written();
    seen = stamp;
  };
  void look();
  const watch = setInterval(() => void look(), WATCH_MS);
  watch.unref();

  async function isKeptHere(): Promise<boolean> {
    const here = await keeper.isHere();
    vectors?.run(here && !gate.isClosed);
    return here;
  }

  async function index({ signal, onProgress }: ServedCall): Promise<IndexReport> {
    await isKeptHere();
    try {
      const report = await indexFolder(parts, {
        signal,
        onProgress: (one) => {
          progress = one;
          onProgress(one);
          changed();
        },
      });
      const mended = await others.mend({ waitMs: lockWaitMs, what: 'indexing', signal });
      const problem = lackingGrammars();
      const notes = [...(report.notes ?? []), ...mended, ...(problem === undefined ? [] : [problem.message])];
      return notes.length === 0 ? report : { ...report, notes };
    } finally {
      progress = undefined;
      changed();
    }
  }

  function lackingGrammars(): IndexState['problem'] {
    const names = cutter.lacking();
    if (names.length === 0) return undefined;
    const { message, action } = memoryGrammarsLacking(names);
    return { message, action };
  }

  async function update(paths: readonly string[], options: ServedCall): Promise<IndexReport> {
    await isKeptHere();
    if (gate.isClosed) for (const path of paths) missed.add(path);
    return await updatePaths(parts, gate.isClosed ? [] : paths, options);
  }

  async function pause(paused: boolean): Promise<void> {
    if (paused) gate.close();
    else gate.open();
    await isKeptHere();
    changed();
    const late = paused ? [] : [...missed.keys()];
    if (late.length === 0) return;
    missed.clear();
    const signal = AbortSignal.timeout(LATE_MS);
    catchingUp = true;
    // The next index run finds what this one could not take in.
    void update(late, { signal, onProgress: () => undefined })
      .catch(() => undefined)
      .finally(() => (catchingUp = false));
  }

  async function state(): Promise<IndexState> {
    const here = await isKeptHere();
    const found = await store.read(({ places }) =>
      Promise.resolve({ ...liveCounts(places), indexedAt: numberAt(places, 'indexedAt') }),
    );
    const indexedAt = found?.indexedAt;
    const embedder = vectors?.state();
    const problem = lackingGrammars();
    const quiet = indexedAt === undefined ? 'none' : 'ready';
    return {
      phase: gate.isClosed ? 'paused' : progress === undefined ? quiet : 'indexing',
      files: found?.files ?? 0,
      chunks: found?.chunks ?? 0,
      ...(progress === undefined ? {} : { progress }),
      ...(indexedAt === undefined ? {} : { indexedAt }),
      ...(embedder === undefined ? {} : { embedder }),
      ...(problem === undefined ? {} : { problem }),
      kept: here ? 'here' : 'elsewhere',
      bytes: await size(),
    };
  }

  /** Rows that another process has added or brought into the text index. */
  async function sync(opened: Opened): Promise<void> {
    const { version } = opened;
    if (synced?.places === opened.places && synced.version === version) return;
    await syncFresh(opened, fresh);
    synced = { places: opened.places, version };
  }

  return {
    contents,
    attach: (leg) => {
      vectors = leg;
    },
    get isAtWork() {
      return gate.isClosed || catchingUp || tending.isAtWork || keeper.isWaiting;
    },
    handlers: [
      handler(indexCall, (_body, call) => index(call)),
      handler(updateCall, ({ paths }, call) => update(paths, call)),
      handler(pauseCall, async ({ paused }) => {
        await pause(paused);
        return null;
      }),
      handler(clearCall, async (_body, { signal }) => {
        await store.clear({ waitMs: lockWaitMs, what: 'clearing', signal });
        fresh.remove(fresh.ids());
        await vectors?.collect(new Set());
        written();
        return null;
      }),
      handler(stateCall, () => state()),
      handler(searchCall, async (asked, { signal }) => {
        const hits = await store.read(async (opened) => {
          await sync(opened);
          return await search(opened, { lancedb: native.lancedb, fresh, vectors }, asked, signal);
        });
        return hits ?? [];
      }),
    ],
    close: async () => {
      clearInterval(watch);
      await tending.close();
      await vectors?.close();
      await cutter.close();
      keeper.close();
      store.close();
    },
  };
}

/** How soon the writes of another process are noticed by those who watch; a search sees them at once. */
const WATCH_MS = 1_000;
const LATE_MS = 10 * 60_000;
