import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as lancedb from '@lancedb/lancedb';
import { openMemory } from '../../../extension/src/node/lancedb/index.ts';
import { atLeast, inform, type Row } from '../support/row.ts';
import { readCorpus, writeCorpus, type Corpus, type Question } from './quality/corpus.ts';
import { figuresOf, rankOf, type Figures, type Found } from './quality/figures.ts';

/**
 * How well questions find the definition that they are about: first sentences of doc comments, asked of the sources of
 * several packages from which all doc comments were taken out. The peer is LanceDB's own full-text index over the same
 * sources in windows of 40 lines. Both are asked for ten answers.
 */
export async function qualityRows(root: string, peers: string | undefined): Promise<Row[]> {
  if (peers === undefined) throw new Error('The packages to search are not installed.');
  const corpus = readCorpus(join(peers, 'node_modules'), PER_PACKAGE);
  const raw = await ofRawIndex(corpus, join(root, 'raw'));
  const ours = await ofMemory(corpus, join(root, 'quality'));
  return [
    inform('questions about definitions', 'questions', corpus.questions.length),
    inform('LanceDB on 40-line windows: recall@5', 'of 1', raw.recallAt5),
    inform('LanceDB on 40-line windows: mean reciprocal rank', 'of 1', raw.meanReciprocalRank),
    atLeast('memory by keyword: recall@5', 'of 1', 0.77, ours.recallAt5),
    inform('memory by keyword: recall@10', 'of 1', ours.recallAt10),
    atLeast('memory by keyword: mean reciprocal rank', 'of 1', 0.6, ours.meanReciprocalRank),
  ];
}

const PER_PACKAGE = 60;
const ANSWERS = 10;
const WINDOW = 40;

async function ofMemory(corpus: Corpus, place: string): Promise<Figures> {
  const folder = join(place, 'folder');
  mkdirSync(folder, { recursive: true });
  writeCorpus(corpus, folder);
  const childPath = join(import.meta.dirname, '../../../dist/memory-child.cjs');
  const memory = openMemory({ folder, storageDir: join(place, 'storage'), childPath });
  try {
    await memory.index({ signal: AbortSignal.timeout(600_000) });
    return await figuresFor(corpus.questions, async ({ text }) => {
      const hits = await memory.search(text, { limit: ANSWERS, signal: AbortSignal.timeout(60_000) });
      return hits.map((hit) => [hit, ...(hit.alike ?? [])]);
    });
  } finally {
    await memory.dispose();
  }
}

async function ofRawIndex(corpus: Corpus, place: string): Promise<Figures> {
  const windows = corpus.files.flatMap(({ path, text }) => windowsOf(path, text));
  const connection = await lancedb.connect(place);
  const rows = windows.map(({ text }, at) => ({ at, text }));
  const table = await connection.createTable('windows', rows);
  await table.createIndex('text', { config: lancedb.Index.fts() });
  try {
    return await figuresFor(corpus.questions, async ({ text }) => {
      const words = text.replace(/[^\p{L}\p{N}\s]/gu, ' ');
      const search = table.query().fullTextSearch(new lancedb.MatchQuery(words, 'text')).limit(ANSWERS);
      const found = (await search.select(['at']).toArray()) as unknown[];
      return found.flatMap((row) => {
        const at: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'at') : undefined;
        const window = windows[Number(at)];
        return window === undefined ? [] : [[window]];
      });
    });
  } finally {
    connection.close();
  }
}

function windowsOf(path: string, text: string): (Found & { readonly text: string })[] {
  const lines = text.split('\n');
  return Array.from({ length: Math.ceil(lines.length / WINDOW) }, (_, at) => ({
    path,
    startLine: at * WINDOW + 1,
    endLine: Math.min((at + 1) * WINDOW, lines.length),
    text: lines.slice(at * WINDOW, (at + 1) * WINDOW).join('\n') || ' ',
  }));
}

async function figuresFor(
  questions: readonly Question[],
  ask: (question: Question) => Promise<readonly (readonly Found[])[]>,
): Promise<Figures> {
  const ranks: (number | undefined)[] = [];
  for (const question of questions) ranks.push(rankOf(question, await ask(question)));
  return figuresOf(ranks);
}
