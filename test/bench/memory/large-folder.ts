import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isGenerated, type Memory } from '../../../extension/src/core/memory/index.ts';
import { openMemory } from '../../../extension/src/node/lancedb/index.ts';
import { atLeast, atMost, inform, median, type Row } from '../support/row.ts';
import { watchLoop, type LoopWatch } from './loop-delay.ts';
import { cpuSeconds, memoryChild, mostMemory, untilTidy } from './memory-child.ts';
import { percentile } from './percentile.ts';
import { openRawIndex } from './raw-index.ts';
import { copySources } from './real-sources.ts';

export interface LargeFolder {
  /** Where all of it may be put. */
  readonly place: string;
  /** A `node_modules` whose sources are copied. */
  readonly packages: string;
  /** Roughly. */
  readonly chunks: number;
  readonly queries: readonly string[];
}

/**
 * One large folder as an agent has it: through `Memory`, with the memory process that ships. The peer is LanceDB's own full
 * text over the same files in windows of 40 lines, asked in this very process.
 */
export async function largeFolderRows(large: LargeFolder): Promise<Row[]> {
  const folder = join(large.place, 'folder');
  copySources(large.packages, folder, large.chunks);
  const childPath = join(import.meta.dirname, '../../../dist/memory-child.cjs');
  const memory = openMemory({ folder, storageDir: join(large.place, 'storage'), childPath });
  try {
    const rows = await firstIndex(memory);
    await untilTidy();
    rows.push(...(await queryRows(memory, folder, large)));
    rows.push(...(await savedRows(memory, folder)), ...(await branchRows(memory, folder)));
    return rows;
  } finally {
    await memory.dispose();
  }
}

async function firstIndex(memory: Memory): Promise<Row[]> {
  await memory.state(); // The process starts.
  const child = memoryChild();
  const idle = await watchLoop('beside');
  const own = await watchLoop('here');
  const before = process.memoryUsage().rss;
  let most = before;
  const sampler = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 500);
  const start = performance.now();
  const { chunks } = await memory.index({ signal: within(3_600_000) });
  const seconds = (performance.now() - start) / 1_000;
  clearInterval(sampler);
  const stalls = await longest(own, idle);
  return [
    inform('large folder', 'chunks', chunks),
    atLeast('first index of it, no embedder', 'chunks/s', 1_000, chunks / seconds),
    inform(
      'first index: CPU time of the memory process',
      'ms/1,000 chunks',
      (cpuSeconds(child) * 1e6) / chunks,
    ),
    atMost('longest stall of the extension host while indexing', 'ms', 20, stalls.own),
    inform('  a thread that does nothing, at the same time', 'ms', stalls.idle),
    inform('  stalls over 20 ms of the host, for each of that thread', 'times', stalls.ratio),
    atMost('memory of the extension host while indexing', 'MB more', 20, (most - before) / MB),
    atMost('memory of the memory process, at most', 'MB', 500, mostMemory(child)),
  ];
}

async function longest(
  own: LoopWatch,
  idle: LoopWatch,
): Promise<{ readonly own: number; readonly idle: number; readonly ratio: number }> {
  const [here, beside] = [await own.end(), await idle.end()];
  return { own: here.longest, idle: beside.longest, ratio: here.over20 / Math.max(beside.over20, 1) };
}

async function queryRows(memory: Memory, folder: string, { place, queries }: LargeFolder): Promise<Row[]> {
  const raw = await openRawIndex(join(place, 'raw'), filesOf(folder));
  const [ours, theirs]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < ROUNDS; round++)
      for (const query of queries) {
        const own = await timed(() => memory.search(query, { limit: ANSWERS, signal: within(60_000) }));
        const other = await timed(() => raw.search(query, ANSWERS));
        // What comes first reads the index from disk.
        if (round === 0) continue;
        ours.push(own);
        theirs.push(other);
      }
  } finally {
    raw.close();
  }
  return [
    atMost('query, half of them', 'ms', 15, percentile(ours, 0.5)),
    atMost('query, 95 of 100', 'ms', 30, percentile(ours, 0.95)),
    inform('LanceDB on 40-line windows: query, half of them', 'ms', percentile(theirs, 0.5)),
    inform('LanceDB on 40-line windows: query, 95 of 100', 'ms', percentile(theirs, 0.95)),
  ];
}

/** From the save to the answer that has what was written. */
async function savedRows(memory: Memory, folder: string): Promise<Row[]> {
  const paths = somePaths(folder, SAVES);
  const times: number[] = [];
  for (const [at, path] of paths.entries()) {
    const word = `quivrelm${String.fromCodePoint(97 + Math.floor(at / 26), 97 + (at % 26))}`;
    const file = join(folder, path);
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nexport function ${word}() {\n  return 1;\n}\n`);
    times.push(
      await timed(async () => {
        await memory.update([path], { signal: within(60_000) });
        const hits = await memory.search(word, { limit: ANSWERS, signal: within(60_000) });
        if (!hits.some((hit) => hit.path === path)) throw new Error(`${path} was saved and is not found.`);
      }),
    );
  }
  return [atMost('a saved file can be searched after, median', 'ms', 300, median(times))];
}

/** Files that change to what they were before, as when a branch is left and comes back. */
async function branchRows(memory: Memory, folder: string): Promise<Row[]> {
  const paths = somePaths(folder, SWITCHED);
  const here = paths.map((path) => readFileSync(join(folder, path), 'utf8'));
  const there = here.map((text, at) => `${text}\nexport const branch${String(at)} = ${String(at)};\n`);
  const times: number[] = [];
  for (const [round, texts] of [there, here, there, here].entries()) {
    for (const [at, path] of paths.entries()) writeFileSync(join(folder, path), texts[at] ?? '');
    const time = await timed(() => memory.update(paths, { signal: within(600_000) }));
    if (round > 0) times.push(time);
  }
  return [
    atMost(
      `branch switch of ${String(paths.length)} files with known content, median`,
      'ms',
      2_000,
      median(times),
    ),
  ];
}

function* filesOf(folder: string): Generator<{ readonly path: string; readonly text: string }> {
  for (const path of globSync('**/*.*', { cwd: folder, withFileTypes: false }).sort())
    if (/\.[mc]?[jt]s$/u.test(path)) yield { path, text: readFileSync(join(folder, path), 'utf8') };
}

/** Evenly from all over the folder, of what an index takes. */
function somePaths(folder: string, count: number): string[] {
  const all = globSync('**/*.{js,ts}', { cwd: folder })
    .sort()
    .filter((path) => !isGenerated(path, readFileSync(join(folder, path), 'utf8')));
  const every = Math.max(1, Math.floor(all.length / count));
  return all.filter((_, at) => at % every === 0).slice(0, count);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function within(ms: number): AbortSignal {
  return AbortSignal.timeout(ms);
}

const MB = 1024 * 1024;
const ANSWERS = 10;
const ROUNDS = 3;
const SAVES = 20;
const SWITCHED = 1_000;
