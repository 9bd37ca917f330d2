import type { EmbedderState } from '../../../core/memory/memory.ts';
import { isStrataError, messageOf } from '../../../base/errors.ts';
import {
  isEmbedderError,
  pauseAfter,
  type Embedder,
  type Loading,
} from '../../../core/memory/embedding/index.ts';
import type { ContentSource, VectorLeg } from '../legs.ts';
import { embedContents, embeddingRun, type EmbeddingRun } from './embedding.ts';
import { queryVectors, type QueryVectors } from './query-vectors.ts';
import type { VectorTable } from './vector-table.ts';
import type { VectorTables } from './vector-tables.ts';

export interface Vectors extends VectorLeg {
  /** Replaces the embedder; undefined for none. The vectors of the one before serve until those of this one are complete. */
  use(embedder: Embedder | undefined): void;
  /** Whether this process makes the vectors that are missing: it keeps the index up to date, and is not paused. */
  run(on: boolean): void;
  /** Vectors are being made, or will be when the embedder works again. */
  readonly isAtWork: boolean;
}

export interface VectorsOptions {
  readonly tables: VectorTables;
  readonly source: ContentSource;
  readonly changed: () => void;
  readonly now: () => number;
  readonly random: () => number;
  /** What a search waits for the vector of its query. */
  readonly queryWaitMs?: number;
}

/** An embedder with its table, from when it was chosen until the next one has replaced it. */
interface Generation {
  readonly embedder: Embedder;
  readonly work: EmbeddingRun;
  readonly queries: QueryVectors;
  readonly lifetime: AbortController;
  table: VectorTable | undefined;
  complete: boolean;
  failures: number;
  loading: Loading | undefined;
  problem: EmbedderState['problem'];
}

export function openVectors(options: VectorsOptions): Vectors {
  const { tables, source, changed, now, random } = options;
  let chosen: Generation | undefined;
  /** The one before, while it knows more than the one that was chosen. */
  let former: Generation | undefined;
  let running = false;
  let closed = false;
  /** Of the work that is under way; ended by a pause, another embedder, or the end. */
  let turn = new AbortController();
  let loop: Promise<void> | undefined;
  /** Ends what the loop waits for: a change while there is nothing to do, or a sign that a broken embedder works again. */
  let wake: { readonly from: 'idle' | 'failure'; readonly up: () => void } | undefined;
  /** The contents have changed since they were last looked at, which may be while the loop was busy. */
  let outdated = false;
  let writes = 0;
  let counted: { readonly embedded: number; readonly total: number } | undefined;

  const watching = source.onDidChange(() => {
    counted = undefined;
    outdated = true;
    if (wake?.from === 'idle') wake.up();
  });

  function generation(embedder: Embedder): Generation {
    const lifetime = new AbortController();
    const own: Generation = {
      embedder,
      work: embeddingRun(embedder),
      lifetime,
      queries: queryVectors(embedder, {
        waitMs: options.queryWaitMs ?? QUERY_WAIT_MS,
        lifetime: lifetime.signal,
        onOutcome: (outcome) => {
          if (outcome === undefined) mended(own);
          else if (outcome === 'slow') failed(own, SLOW);
          else failed(own, problemOf(outcome));
        },
      }),
      table: undefined,
      complete: false,
      failures: 0,
      loading: undefined,
      problem: undefined,
    };
    return own;
  }

  function failed(own: Generation, problem: EmbedderState['problem']): void {
    own.problem = problem;
    changed();
  }

  function mended(own: Generation): void {
    const had = own.problem;
    own.problem = undefined;
    if (had === undefined) return;
    changed();
    if (wake?.from === 'failure') wake.up();
  }

  function end(own: Generation | undefined): void {
    own?.lifetime.abort();
    void own?.embedder.dispose();
  }

  function restart(): void {
    turn.abort();
    turn = new AbortController();
    if (running && !closed && chosen !== undefined) loop ??= work().finally(() => (loop = undefined));
  }

  /** Runs until there is nothing to run for; what it waits for in between is told by `wake`. */
  async function work(): Promise<void> {
    while (running && !closed && chosen !== undefined) {
      const own = chosen;
      const { signal } = turn;
      own.loading = undefined;
      try {
        await find(own);
        outdated = false;
        const missing = missingOf(own);
        if (missing.length > 0) await embedMissing(own, missing, signal);
        else {
          await finish(own, signal);
          await idle(signal);
        }
      } catch (error) {
        if (signal.aborted) continue;
        own.failures++;
        failed(own, problemOf(error));
        const pause = isEmbedderError(error) ? pauseAfter(error, own.failures, random) : STORAGE_PAUSE_MS;
        await sleep(pause, signal, 'failure');
      }
    }
  }

  async function idle(signal: AbortSignal): Promise<void> {
    if (!outdated) await sleep(IDLE_MS, signal, 'idle');
    // Changes that come close together are one.
    await sleep(SETTLE_MS, signal, 'failure');
  }

  async function find(own: Generation): Promise<void> {
    if (own.table !== undefined) return;
    own.table = await tables.find(own.embedder.identity);
    counted = undefined;
  }

  function missingOf(own: Generation): readonly string[] {
    const has = own.table?.contents;
    return [...source.liveContents()].filter(
      (content) => has?.has(content) !== true && !own.work.unfit.has(content),
    );
  }

  async function embedMissing(
    own: Generation,
    missing: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    await embedContents(own.work, missing, {
      signal,
      source,
      onLoading: (loading) => {
        own.loading = loading.done < loading.total ? loading : undefined;
        changed();
      },
      store: async (rows) => {
        const dimension = rows[0]?.vector.length;
        if (dimension === undefined) return;
        // Not with the turn's signal: what was paid for is kept also when the work is paused.
        await tables.writing(own.lifetime.signal, async () => {
          if (own.table?.dimension !== dimension)
            own.table = await tables.open(own.embedder.identity, dimension);
          await own.table.add(rows);
        });
        writes++;
        own.failures = 0;
        own.loading = undefined;
        own.problem = undefined;
        counted = undefined;
        changed();
        await tidy(own, WRITES_BEFORE_TIDY);
      },
    });
  }

  /** Everything that can have a vector has one. */
  async function finish(own: Generation, signal: AbortSignal): Promise<void> {
    const { table } = own;
    if (table === undefined) return;
    if (!own.complete) {
      own.complete = true;
      end(former);
      former = undefined;
      await tables.writing(signal, () => tables.keepOnly(table));
      changed();
    }
    await tidy(own, 1);
  }

  async function tidy(own: Generation, after: number): Promise<void> {
    const { table } = own;
    if (writes < after || table === undefined) return;
    writes = 0;
    await tables.writing(own.lifetime.signal, () => table.tidy(now()));
  }

  async function sleep(ms: number, signal: AbortSignal, from: 'idle' | 'failure'): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      wake = { from, up: done };
      if (signal.aborted) done();
      else signal.addEventListener('abort', done, { once: true });
    });
  }

  const serving = (): Generation | undefined => former ?? chosen;

  return {
    get weight() {
      return serving()?.embedder.weight ?? 0;
    },
    state() {
      if (chosen === undefined) return undefined;
      counted ??= count(chosen, source.liveContents());
      const { embedder, table, loading, problem } = chosen;
      return {
        id: embedder.id,
        ...(table === undefined ? {} : { dimension: table.dimension }),
        ...counted,
        ...(loading === undefined ? {} : { loading }),
        ...(problem === undefined ? {} : { problem }),
      };
    },
    async nearest(query, limit, signal) {
      const own = serving();
      if (own === undefined || query.trim() === '' || limit <= 0) return [];
      try {
        await find(own);
        const { table } = own;
        if (table === undefined) return [];
        const vector = await own.queries.of(query, signal);
        return vector === undefined ? [] : await table.nearest(vector, limit);
      } catch (error) {
        signal.throwIfAborted();
        // Another process may have dropped the table, or made it anew.
        if (own.table !== undefined) tables.forget(own.table);
        own.table = undefined;
        failed(own, problemOf(error));
        return [];
      }
    },
    use(embedder) {
      const before = chosen;
      chosen = embedder === undefined ? undefined : generation(embedder);
      counted = undefined;
      if (chosen !== undefined && before?.embedder.identity === embedder?.identity) {
        // The same vectors by another key or weight, or simply another try.
        chosen.table = before?.table;
        chosen.complete = before?.complete ?? false;
        end(before);
      } else if (chosen === undefined) {
        end(former);
        end(before);
        former = undefined;
      } else if (former === undefined && before?.table !== undefined) {
        former = before;
      } else {
        end(before);
      }
      restart();
      if (chosen !== undefined) void find(chosen).then(changed, ignored);
      changed();
    },
    get isAtWork() {
      return loop !== undefined && wake?.from !== 'idle';
    },
    run(on) {
      if (running === on) return;
      running = on;
      restart();
    },
    async collect(live) {
      const own = chosen;
      const table = own?.table;
      if (own === undefined || table === undefined) return;
      const gone = [...table.contents].filter((content) => !live.has(content));
      if (gone.length === 0) return;
      await tables.writing(own.lifetime.signal, async () => {
        await table.remove(gone);
        await table.tidy(now());
      });
      counted = undefined;
    },
    async close() {
      closed = true;
      watching.dispose();
      turn.abort();
      await loop;
      end(former);
      end(chosen);
      tables.close();
    },
  };
}

const QUERY_WAIT_MS = 2_000;
/** Nothing is looked at again before something changed; this is for changes that nobody told of. */
const IDLE_MS = 10 * 60_000;
const SETTLE_MS = 100;
const STORAGE_PAUSE_MS = 60_000;
/** Each write leaves a version and a file behind. */
const WRITES_BEFORE_TIDY = 32;

const SLOW: EmbedderState['problem'] = {
  message: 'The embedder is too slow to take part in a search; results are by keyword.',
  action: 'Choose a smaller model or a nearer server.',
};

function count(
  own: Generation,
  live: ReadonlySet<string>,
): { readonly embedded: number; readonly total: number } {
  let embedded = 0;
  let total = 0;
  for (const content of live) {
    if (own.work.unfit.has(content)) continue;
    total++;
    if (own.table?.contents.has(content) === true) embedded++;
  }
  return { embedded, total };
}

/** Whoever needs the table looks for it again, and hears of the failure. */
function ignored(): void {
  return undefined;
}

function problemOf(error: unknown): EmbedderState['problem'] {
  if (isStrataError(error)) return { message: error.message, action: error.action };
  return {
    message: `Vectors cannot be stored: ${messageOf(error)}`,
    action: 'Free some space or make the storage folder writable; keyword search works meanwhile.',
  };
}
