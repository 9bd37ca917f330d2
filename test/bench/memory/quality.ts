import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { needsExpansion } from '../../../extension/src/core/memory/index.ts';
import { openMemory } from '../../../extension/src/node/lancedb/index.ts';
import { atLeast, atMost, inform, type Row } from '../support/row.ts';
import { readCorpus, writeCorpus, type Corpus, type Question } from './quality/corpus.ts';
import { figuresOf, rankOf, type Figures, type Found } from './quality/figures.ts';
import { openRawIndex } from './raw-index.ts';

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
    atMost('well answered, and yet a model would be asked for other words', 'of 1', 0.15, ours.askedInVain),
  ];
}

const PER_PACKAGE = 60;
const ANSWERS = 10;
const GOOD_RANK = 5;

interface OfMemory extends Figures {
  /** Of the questions whose answer is among the first five. */
  readonly askedInVain: number;
}

async function ofMemory(corpus: Corpus, place: string): Promise<OfMemory> {
  const folder = join(place, 'folder');
  mkdirSync(folder, { recursive: true });
  writeCorpus(corpus, folder);
  const childPath = join(import.meta.dirname, '../../../dist/memory-child.cjs');
  const memory = openMemory({ folder, storageDir: join(place, 'storage'), childPath });
  try {
    await memory.index({ signal: AbortSignal.timeout(600_000) });
    const wouldAsk: boolean[] = [];
    const figures = await figuresFor(corpus.questions, async (question) => {
      const hits = await memory.search(question.text, {
        limit: ANSWERS,
        signal: AbortSignal.timeout(60_000),
      });
      const places = hits.map((hit) => [hit, ...(hit.alike ?? [])]);
      if ((rankOf(question, places) ?? ANSWERS) <= GOOD_RANK)
        wouldAsk.push(needsExpansion(question.text, hits));
      return places;
    });
    return { ...figures, askedInVain: wouldAsk.filter(Boolean).length / wouldAsk.length };
  } finally {
    await memory.dispose();
  }
}

async function ofRawIndex(corpus: Corpus, place: string): Promise<Figures> {
  const index = await openRawIndex(place, corpus.files);
  try {
    return await figuresFor(corpus.questions, async ({ text }) =>
      (await index.search(text, ANSWERS)).map((window) => [window]),
    );
  } finally {
    index.close();
  }
}

async function figuresFor(
  questions: readonly Question[],
  ask: (question: Question) => Promise<readonly (readonly Found[])[]>,
): Promise<Figures> {
  const ranks: (number | undefined)[] = [];
  for (const question of questions) ranks.push(rankOf(question, await ask(question)));
  return figuresOf(ranks);
}
