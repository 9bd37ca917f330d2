import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isStrataError } from '../../../base/errors.ts';
import { withWriteLock } from '../write-lock.ts';
import type { ChunkStore } from './chunk-store.ts';
import type { FreshRows } from './fresh-rows.ts';
import type { Opened } from './opened.ts';
import { countPieces } from './places/pieces.ts';
import { collect, lacksMuch, lacksSome, optimize } from './upkeep.ts';

/** When the table is looked after: in the middle of a large index run, after it, and when nobody has written for a while. */
export interface Tending {
  /** After each commit of an index run. What takes seconds is done here where searches would miss much without it. */
  written(signal: AbortSignal): Promise<void>;
  /** At the end of a run: all that was taken in can be found when it resolves, unless others write without a pause. */
  ended(signal: AbortSignal): Promise<void>;
  /** Now, as much as there is to do. */
  now(signal: AbortSignal): Promise<void>;
  readonly isAtWork: boolean;
  close(): Promise<void>;
}

export interface TendingParts {
  readonly storageDir: string;
  readonly lockWaitMs: number;
  /** After so long without a write the table is looked after. */
  readonly quietMs: number;
  /** How long an older version is kept for those who still read it. */
  readonly oldVersionsMs: number;
  readonly store: ChunkStore;
  readonly fresh: FreshRows;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Contents that are left, when some were removed. */
  readonly onCollected: (live: ReadonlySet<string>, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export function openTending(parts: TendingParts): Tending {
  const { store, fresh } = parts;
  const lifetime = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<void> | undefined;
  let commits = 0;
  let isCounted = false;
  /** Versions that a reader in another process might still have used the last time, and when that was. */
  let kept = { versions: 0, at: 0 };
  let later: NodeJS.Timeout | undefined;
  const isYoung = (now: number): boolean => Math.abs(now - kept.at) < parts.oldVersionsMs;
  const areMany = (): boolean => kept.versions >= FEW_COMMITS;

  /** One process at a time; when another one is at it for longer than we wait, that is as good. */
  async function optimizeAlone(signal: AbortSignal, waitMs = 0): Promise<void> {
    const options = { waitMs, what: 'tidying', signal };
    try {
      await withWriteLock(join(parts.storageDir, 'upkeep.lock'), options, async () => {
        const opened = store.peek();
        if (opened === undefined) return;
        const [versions, at] = [commits, parts.clock()];
        try {
          if (!(await optimize(opened, fresh, at, store.shared, parts.oldVersionsMs))) return;
        } catch (error) {
          if (store.peek() === opened) throw error;
          return; // It was opened anew meanwhile: what is left is done the next time.
        }
        kept = { versions: (isYoung(at) ? kept.versions : 0) + versions, at };
        commits -= versions;
      });
    } catch (error) {
      if (!isStrataError(error) || error.code !== 'memory-busy') throw error;
    }
  }

  async function tend(signal: AbortSignal): Promise<void> {
    const opened = store.peek();
    if (opened === undefined) return;
    const options = { waitMs: parts.lockWaitMs, what: 'tidying', signal };
    const left = await collect(store, options, fresh);
    const isMuch = commits >= FEW_COMMITS || countPieces(opened.places).unindexed >= FEW_ROWS;
    const isDue = areMany() && !isYoung(parts.clock());
    if (left !== undefined || isMuch || isDue) await optimizeAlone(signal);
    if (left !== undefined) await parts.onCollected(left, signal);
  }

  /** Beside what is asked meanwhile: a save must not wait for it. */
  function begin(): void {
    under ??= tend(lifetime.signal)
      .catch((error: unknown) => {
        if (!lifetime.signal.aborted) parts.onError(error);
      })
      .finally(() => {
        under = undefined;
        clearTimeout(later);
        if (lifetime.signal.aborted || !areMany()) return;
        later = setTimeout(begin, parts.oldVersionsMs + parts.quietMs);
        later.unref();
      });
  }

  /** Processes that each wrote a little and ended, as in a terminal, have left theirs behind. */
  function countVersions(table: Opened['table']): void {
    isCounted = true;
    table.listVersions().then(
      (versions) => (commits = Math.max(commits, versions.length)),
      // It was opened anew meanwhile.
      () => (isCounted = false),
    );
  }

  async function written(signal: AbortSignal): Promise<void> {
    commits++;
    const opened = store.peek();
    if (!isCounted && opened !== undefined && store.shared === undefined) countVersions(opened.table);
    if (opened !== undefined && lacksMuch(opened.places)) await optimizeAlone(signal);
    clearTimeout(timer);
    if (lifetime.signal.aborted) return;
    // Each commit leaves a version and some files behind.
    if (commits >= MOST_COMMITS) begin();
    timer = setTimeout(begin, parts.quietMs);
    timer.unref();
  }

  return {
    written,
    ended: async (signal) => {
      await written(signal);
      const isLacking = (): boolean => {
        const opened = store.peek();
        return opened !== undefined && lacksSome(opened.places);
      };
      for (let tries = 0; isLacking() && tries < TRIES; tries++) {
        if (tries > 0) await sleep(AGAIN_MS, undefined, { signal });
        // What was begun before the last rows came does not have them.
        await under;
        if (isLacking()) await optimizeAlone(signal, parts.lockWaitMs);
      }
    },
    now: async (signal) => {
      await under;
      await tend(signal);
    },
    get isAtWork() {
      return under !== undefined;
    },
    close: async () => {
      lifetime.abort();
      clearTimeout(timer);
      await under;
      clearTimeout(later);
      // Nobody may be here for long enough to be idle. Where it fails, the next process has it to do.
      if (commits >= MOST_COMMITS)
        await tend(AbortSignal.timeout(CLOSING_MS)).catch((error: unknown) => parts.onError(error));
    },
  };
}

const FEW_COMMITS = 20;
const FEW_ROWS = 200;
const MOST_COMMITS = 100;
const CLOSING_MS = 10_000;
/** A write at the same moment makes it fail. */
const TRIES = 3;
const AGAIN_MS = 200;
