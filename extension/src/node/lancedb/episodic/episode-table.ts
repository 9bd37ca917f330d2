import type { Table } from '@lancedb/lancedb';
import * as z from 'zod';
import { byScoreThenAge, episodeText, type Episode } from '../../../core/memory/index.ts';
import type { Arrow, LanceDb } from '../load.ts';
import { matchingRows, numberIn, textIn } from '../rows.ts';
import type { TableShape } from '../store.ts';

export function episodeShape({ Field, Float64, Schema, Utf8 }: Arrow): TableShape {
  const text = (name: string): InstanceType<typeof Field> => new Field(name, new Utf8(), false);
  const columns = ['run', 'agent', 'task', 'outcome', 'answer', 'files', 'failures', 'derived'];
  return {
    name: 'episodes',
    version: 1,
    schema: new Schema([...columns.map(text), new Field('at', new Float64(), false)]),
    text: 'derived',
    keys: ['run'],
    title: 'memory of earlier runs',
  };
}

/** One row per run. A run that ended, was resumed and ended again is remembered as it ended last. */
export async function putEpisode(table: Table, episode: Episode): Promise<void> {
  const row = {
    run: episode.run,
    at: episode.at,
    agent: episode.agent,
    task: episode.task,
    outcome: episode.outcome,
    answer: episode.answer,
    files: JSON.stringify(episode.files),
    failures: JSON.stringify(episode.failures),
    derived: episodeText(episode),
  };
  await table.mergeInsert('run').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute([row]);
}

export async function recallEpisodes(
  lancedb: LanceDb,
  table: Table,
  query: string,
  limit: number,
): Promise<Episode[]> {
  if (limit === 0) return [];
  const rows = await matchingRows(lancedb, table, query, Math.max(limit, CANDIDATES));
  return rows
    .map((row) => ({ score: numberIn(row, '_score'), at: numberIn(row, 'at'), row }))
    .sort(byScoreThenAge)
    .slice(0, limit)
    .map(({ row }) => episodeOf(row));
}

/** A task that is run daily gives equals by the hundred, of which the most recent is wanted. */
const CANDIDATES = 500;

const list = z.array(z.string());

function episodeOf(row: unknown): Episode {
  return {
    run: textIn(row, 'run'),
    at: numberIn(row, 'at'),
    agent: textIn(row, 'agent'),
    task: textIn(row, 'task'),
    outcome: textIn(row, 'outcome'),
    answer: textIn(row, 'answer'),
    files: list.parse(JSON.parse(textIn(row, 'files'))),
    failures: list.parse(JSON.parse(textIn(row, 'failures'))),
  };
}
