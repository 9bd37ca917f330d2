import { isStrataError } from './base/errors.ts';
import { rankNotes } from './core/memory/index.ts';
import type { Episode, Memory } from './core/memory/index.ts';
import { episodeOfRun, fromPayload } from './core/orchestration/index.ts';
import { deciding } from './folder-changes.ts';
import { runNotRemembered } from './folder-errors.ts';
import type { Notes } from './node/notes/index.ts';
import type { RunStore, RunSummary } from './node/sqlite/index.ts';
import type { Rating, RunEvent, RunId } from './protocol/run-event.ts';
import { foldRun } from './protocol/run-view.ts';
import type { RunView } from './protocol/run-view.ts';

/** What people say of runs, and what is kept of those. */
export interface FolderEpisodes {
  /** The log keeps it, and the memory follows. Throws `run-owned` while the run is worked on. */
  rate(run: RunId, rating: Rating): Promise<void>;
  /** Gone from the memory, its files and the notes when it resolves; the runs' own logs stay. */
  forget(runs: readonly RunId[], signal: AbortSignal): Promise<{ readonly removed: number }>;
  /** Makes the episodes of all runs again from their logs. Those whose log is gone stay as they are. */
  rebuildEpisodes(signal: AbortSignal): Promise<{ readonly kept: number }>;
}

export interface EpisodeKeeper extends FolderEpisodes {
  /** Memory as runs and tools have it: recall knows of the notes, and of every run that has ended. */
  readonly memory: Memory;
  /** What was removed is forgotten, too. */
  removed(runs: readonly RunId[]): Promise<void>;
  /** When nothing is being kept any more. */
  settled(): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * Episodes are a projection of the log: whatever ends a run, or is said of it later, makes its episode anew, in any process.
 * What was missed (the process died, memory was not available) is caught up with before something is recalled.
 */
export function keepEpisodes(store: RunStore, memory: Memory, notes: Notes): EpisodeKeeper {
  const due = new Set<RunId>();
  /** Runs that are not kept, with the time of their newest event: they need not be read again. */
  const passedOver = new Map<RunId, number>();
  let working: Promise<void> | undefined;

  const episodeOf = (run: RunId, isInterrupted: boolean, updatedAt = 0): Episode | undefined => {
    let view: RunView | undefined;
    let episode: Episode | undefined;
    try {
      view = foldRun(store.read(run));
      episode = view && episodeOfRun(view, (payload) => fromPayload(store, payload), isInterrupted);
    } catch {
      // A log that is damaged or of a newer version: opening the run says so, and the other runs are kept without it.
    }
    if (episode === undefined) passedOver.set(run, view?.updatedAt ?? updatedAt);
    return episode;
  };

  const put = async (episodes: readonly Episode[]): Promise<number> => {
    if (episodes.length > 0) await memory.remember(...episodes);
    return episodes.length;
  };
  const keepListed = async (runs: readonly RunSummary[], signal: AbortSignal): Promise<number> => {
    let kept = 0;
    for (let from = 0; from < runs.length; from += WRITTEN_AT_ONCE) {
      signal.throwIfAborted();
      const some = runs.slice(from, from + WRITTEN_AT_ONCE);
      kept += await put(
        some.flatMap(({ id, status, updatedAt }) => episodeOf(id, status === 'interrupted', updatedAt) ?? []),
      );
    }
    return kept;
  };

  const revise = async (): Promise<void> => notes.revise(await newestOf(memory));

  const work = async (): Promise<void> => {
    while (due.size > 0) {
      const runs = [...due];
      due.clear();
      try {
        if ((await put(runs.flatMap((run) => episodeOf(run, false) ?? []))) > 0) await revise();
      } catch {
        // The run is over and nobody waits for it. It is tried again before something is recalled.
      }
    }
  };
  const settle = (): Promise<void> => {
    working ??= work().finally(() => (working = undefined));
    return working;
  };

  const catchUp = async (signal: AbortSignal): Promise<void> => {
    await settle();
    const seen = await memory.seenEpisodes(signal);
    const missing = store
      .list({ limit: CAUGHT_UP_WITH })
      .filter(({ status }) => status !== 'running')
      .filter(({ id, updatedAt }) => seen.get(id) !== updatedAt && passedOver.get(id) !== updatedAt);
    if ((await keepListed(missing, signal)) > 0) await revise();
  };

  const listening = store.onDidAppend((events) => {
    const ended = events.filter(endsOrJudges);
    for (const { run } of ended) due.add(run);
    // The run that is being closed goes first.
    if (ended.length > 0) setImmediate(() => void settle());
  });

  const forgetEverywhere = async (runs: readonly RunId[]): Promise<{ removed: number }> => {
    const forgotten = await memory.forget({ runs });
    await notes.forgetRuns(runs);
    return forgotten;
  };

  return {
    memory: {
      ...memory,
      episodes: async (options) => {
        const signal = options.signal ?? AbortSignal.timeout(CATCH_UP_MS);
        await catchUp(signal).catch(unlessAborted(options.signal));
        return await memory.episodes(options);
      },
      recall: async (query, { limit, signal }) => {
        await catchUp(signal).catch(unlessAborted(signal));
        const [episodes, known] = await Promise.all([memory.recall(query, { limit, signal }), notes.list()]);
        return [...rankNotes(query, known, limit), ...episodes];
      },
    },
    rate: async (run, rating) => {
      if (store.has(run)) {
        await deciding(store, run, (lease) => {
          store.append(lease, [{ type: 'run.rated', rating }]);
          return Promise.resolve();
        });
        await settle();
        return;
      }
      const [known] = await memory.episodes({ limit: 1, run });
      if (known === undefined) throw runNotRemembered(run);
      await memory.remember(rated(known, rating));
      await revise();
    },
    forget: async (runs, signal) => {
      for (const run of runs.filter((one) => store.has(one))) {
        signal.throwIfAborted();
        await deciding(store, run, (lease) => {
          store.append(lease, [{ type: 'run.rated', rating: { memory: 'forgotten' } }]);
          return Promise.resolve();
        });
      }
      await settle();
      return await forgetEverywhere(runs);
    },
    rebuildEpisodes: async (signal) => {
      await settle();
      const runs = store
        .list({ limit: Number.MAX_SAFE_INTEGER })
        .filter(({ status }) => status !== 'running');
      const kept = await keepListed(runs, signal);
      await revise();
      return { kept };
    },
    removed: async (runs) => {
      await settle();
      await forgetEverywhere(runs);
    },
    settled: settle,
    dispose: async () => {
      listening.dispose();
      await settle();
      notes.dispose();
    },
  };
}

/** So many of the newest runs are looked at; what is older is made again by `rebuildEpisodes`. */
const CAUGHT_UP_WITH = 200;
const CATCH_UP_MS = 60_000;
const WRITTEN_AT_ONCE = 50;
const PAGE = 200;
/** What notes are made from. */
const MOST_EPISODES = 1_000;

async function newestOf(memory: Memory): Promise<readonly Episode[]> {
  const all: Episode[] = [];
  for (let before = Infinity; all.length < MOST_EPISODES;) {
    const page = await memory.episodes({ limit: PAGE, ...(before === Infinity ? {} : { before }) });
    all.push(...page);
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined) break;
    before = last.at;
  }
  return all;
}

function endsOrJudges({ type }: RunEvent): boolean {
  return type === 'run.finished' || type === 'run.paused' || type === 'run.changes' || type === 'run.rated';
}

/** As the log would have it. */
function rated(episode: Episode, { verdict, correction, memory }: Rating): Episode {
  const { verdict: oldVerdict, correction: oldCorrection, pinned, ...kept } = episode;
  const newVerdict = verdict === undefined ? oldVerdict : verdict === 'none' ? undefined : verdict;
  const newCorrection = correction === undefined ? oldCorrection : correction === '' ? undefined : correction;
  const isPinned = memory === undefined ? pinned === true : memory === 'pinned';
  return {
    ...kept,
    ...(newVerdict === undefined ? {} : { verdict: newVerdict }),
    ...(newCorrection === undefined ? {} : { correction: newCorrection }),
    ...(isPinned ? { pinned: true } : {}),
  };
}

/** What could not be caught up with must not keep the rest from being recalled. */
function unlessAborted(signal: AbortSignal | undefined): (error: unknown) => void {
  return (error) => {
    if (signal?.aborted || !(isStrataError(error) || isTimeout(error))) throw error;
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}
