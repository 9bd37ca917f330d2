import type { Table } from '@lancedb/lancedb';
import {
  episodeSchema,
  episodeText,
  type Episode,
  type EpisodeCandidate,
} from '../../../core/memory/index.ts';
import type { Arrow, LanceDb } from '../load.ts';
import { matchingRows, numberIn, textIn } from '../rows.ts';
import { quoted, type TableShape } from '../store.ts';

/** The episode itself stands as JSON in `body`; beside it is what rows are found and told apart by. */
export function episodeShape({ Field, Float64, Schema, Utf8 }: Arrow): TableShape {
  const text = (name: string): InstanceType<typeof Field> => new Field(name, new Utf8(), false);
  const number = (name: string): InstanceType<typeof Field> => new Field(name, new Float64(), false);
  return {
    name: 'episodes',
    version: 2,
    schema: new Schema([...['run', 'derived', 'body'].map(text), ...['at', 'seenAt'].map(number)]),
    text: 'derived',
    keys: ['run'],
    title: 'memory of earlier runs',
  };
}

/**
 * In a shared table a run that was forgotten leaves a row without a body behind: else the machine that has its log would
 * remember it again.
 */
export function forgottenRow(episode: Episode): Record<string, string | number> {
  return { run: episode.run, at: episode.at, seenAt: episode.seenAt ?? 0, derived: '', body: '' };
}

/** One row per run. A run that ended, was resumed and ended again is remembered as it ended last. */
export async function putEpisodes(table: Table, episodes: readonly Episode[]): Promise<void> {
  if (episodes.length === 0) return;
  const forgotten = new Set((await forgottenIn(table)).map(({ run }) => run));
  // What a person pins was forgotten by mistake.
  const rows = episodes.filter(({ run, pinned }) => pinned === true || !forgotten.has(run)).map(rowOf);
  if (rows.length === 0) return;
  await table.mergeInsert('run').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(rows);
}

export async function matchingEpisodes(
  lancedb: LanceDb,
  table: Table,
  query: string,
): Promise<readonly EpisodeCandidate[]> {
  const rows = await matchingRows(lancedb, table, query, CANDIDATES);
  const found = rows.flatMap((row) =>
    isForgotten(row) ? [] : [{ episode: episodeIn(row), score: numberIn(row, '_score') }],
  );
  return [...byRun(found, ({ episode }) => episode.run).values()];
}

/** The newest first, in full. */
export async function newestEpisodes(table: Table, limit: number, before: number): Promise<Episode[]> {
  const times = (await table.query().where(KEPT).select(['run', 'at']).toArray()) as unknown[];
  const found = times.map((row) => ({ run: textIn(row, 'run'), at: numberIn(row, 'at') }));
  const wanted = [...byRun(found, ({ run }) => run).values()]
    .filter(({ at }) => at < before)
    .sort((a, b) => b.at - a.at || (a.run < b.run ? 1 : -1))
    .slice(0, limit);
  return await episodesOf(
    table,
    wanted.map(({ run }) => run),
  );
}

/** Those of these runs that there are, in this order. */
export async function episodesOf(table: Table, runs: readonly string[]): Promise<Episode[]> {
  if (runs.length === 0) return [];
  const filter = `${KEPT} AND run IN (${runs.map(quoted).join(', ')})`;
  const rows = (await table.query().where(filter).toArray()) as unknown[];
  const rowsByRun = byRun(rows, (row) => textIn(row, 'run'));
  return runs.flatMap((run) => (rowsByRun.has(run) ? [episodeIn(rowsByRun.get(run))] : []));
}

/** Of every episode the time of the newest event that it was made from. */
export async function seenTimes(table: Table): Promise<readonly { run: string; seenAt: number }[]> {
  const rows = (await table.query().select(['run', 'seenAt']).toArray()) as unknown[];
  return rows.map((row) => ({ run: textIn(row, 'run'), seenAt: numberIn(row, 'seenAt') }));
}

export async function allEpisodes(table: Table): Promise<Episode[]> {
  const all = ((await table.query().where(KEPT).toArray()) as unknown[]).map(episodeIn);
  return [...byRun(all, ({ run }) => run).values()];
}

export async function countEpisodes(table: Table): Promise<number> {
  return await table.countRows(KEPT);
}

export async function forgottenIn(
  table: Table,
): Promise<readonly { readonly run: string; readonly at: number; readonly seenAt: number }[]> {
  const rows = (await table
    .query()
    .where("body = ''")
    .select(['run', 'at', 'seenAt'])
    .toArray()) as unknown[];
  return rows.map((row) => ({
    run: textIn(row, 'run'),
    at: numberIn(row, 'at'),
    seenAt: numberIn(row, 'seenAt'),
  }));
}

export function rowOf(episode: Episode): Record<string, string | number> {
  return {
    run: episode.run,
    at: episode.at,
    seenAt: episode.seenAt ?? 0,
    derived: episodeText(episode),
    body: JSON.stringify(episode),
  };
}

/** Two machines that write at once can leave a run twice in a shared table (lancedb#3377). */
function byRun<T>(rows: readonly T[], runOf: (row: T) => string): Map<string, T> {
  return new Map(rows.map((row) => [runOf(row), row]));
}

const KEPT = "body != ''";

function isForgotten(row: unknown): boolean {
  return textIn(row, 'body') === '';
}

/** A task that is run daily gives equals by the hundred, of which the most recent is wanted. */
const CANDIDATES = 500;

function episodeIn(row: unknown): Episode {
  return episodeSchema.parse(JSON.parse(textIn(row, 'body')));
}
