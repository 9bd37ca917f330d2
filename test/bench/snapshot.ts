import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRunFiles } from '../../extension/src/node/git/index.ts';
import type { GitRunFiles } from '../../extension/src/node/git/index.ts';
import type { Row } from './support/row.ts';
import { atMost, median } from './support/row.ts';

const FILES = 10_000;
const CHANGED = 10;
const MERGED = 100;
const ROUNDS = 5;

/**
 * Snapshots of a workspace of ten thousand source files, 1 KB each on average. The first of a storage folder reads all of them;
 * later ones are taken with ten files changed, of the user's folder (in a new run) and of a run's copy (after a step).
 * Making the copy is creating ten thousand files and has no target: it is the file system that is measured.
 */
export async function run(): Promise<Row[]> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'strata-bench-')));
  try {
    const workspace = join(root, 'workspace');
    const storageDir = join(root, 'storage');
    fill(workspace);
    const times = { first: [], later: [], copy: [], step: [], merge: [], apply: [] } as Record<
      string,
      number[]
    >;
    const measure = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const start = performance.now();
      const result = await work();
      times[what]?.push(performance.now() - start);
      return result;
    };
    const open = (run: string, storage: string, isolation: 'copy' | 'workspace'): Promise<GitRunFiles> =>
      openRunFiles({ workspace, storageDir: storage, run, isolation });

    for (let round = 0; round < ROUNDS; round += 1) {
      const fresh = join(root, `storage-${round}`);
      // In place, a snapshot is all that begin does.
      const alone = await open(`r-first-${round}`, fresh, 'workspace');
      await measure('first', () => alone.begin(live()));
      rmSync(fresh, { recursive: true });
    }
    await (await open('r-warm', storageDir, 'workspace')).begin(live());
    for (let round = 0; round < ROUNDS; round += 1) {
      change(workspace, CHANGED, `// changed ${round}\n`, FILES / 2);
      const begun = await open(`r-later-${round}`, storageDir, 'workspace');
      const { tree } = await measure('later', () => begun.begin(live()));
      const files = await open(`r-${round}`, storageDir, 'copy');
      await measure('copy', () => files.begin(live(), tree));
      change(files.folder, CHANGED, '// a step\n');
      await measure('step', () => files.snapshot(live()));
      await measureMerge(files, tree, workspace, measure);
      await files.discard();
    }
    const row = (what: string, key: string, limit: number): Row =>
      atMost(what, 'ms', limit, median(times[key] ?? []));
    const shown = (what: string, key: string): Row => ({ ...row(what, key, Infinity), target: 'none' });
    return [
      row('first snapshot of 10,000 files', 'first', 3_000),
      row('later snapshot of the workspace, 10 files changed', 'later', 200),
      row('later snapshot of the copy, 10 files changed', 'step', 200),
      shown('copy of 10,000 files made', 'copy'),
      shown('merge of trees, 100 files changed on both sides', 'merge'),
      shown('apply of 100 files that the user changed too', 'apply'),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Both sides change the same files in different lines; the workspace is put back for the next round. */
async function measureMerge(
  files: GitRunFiles,
  base: string,
  workspace: string,
  measure: <T>(what: string, work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  await files.restore(base, live());
  change(files.folder, MERGED, '// theirs, at the end\n');
  const theirs = await files.snapshot(live());
  await files.restore(base, live());
  for (let i = 0; i < MERGED; i += 1) writeFileSync(join(files.folder, name(i)), text(i, 'ours'));
  const ours = await files.snapshot(live());
  const merged = await measure('merge', () => files.merge({ base, ours, theirs }, live()));
  for (let i = 0; i < MERGED; i += 1) writeFileSync(join(workspace, name(i)), text(i, 'mine'));
  const applied = await measure('apply', () => files.apply({ base, result: theirs }, live()));
  if (merged.conflicts.length > 0 || applied.kind !== 'applied')
    throw new Error('The changes of the bench are in conflict.');
  for (let i = 0; i < MERGED; i += 1) writeFileSync(join(workspace, name(i)), text(i));
}

const live = (): AbortSignal => new AbortController().signal;

function fill(folder: string): void {
  for (let i = 0; i < 100; i += 1) mkdirSync(join(folder, `d${i % 10}`, `e${i}`), { recursive: true });
  for (let i = 0; i < FILES; i += 1) writeFileSync(join(folder, name(i)), text(i));
}

function name(i: number): string {
  return join(`d${i % 10}`, `e${i % 100}`, `f${i}.ts`);
}

function text(i: number, first = 'value'): string {
  return `export const ${first} = ${i};\n` + `export const value${i} = ${i};\n`.repeat(10 + (i % 60));
}

function change(folder: string, count: number, more: string, from = 0): void {
  for (let i = from; i < from + count; i += 1) appendFileSync(join(folder, name(i)), more);
}
