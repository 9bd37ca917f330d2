import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskRows } from './memory/disk-rows.ts';
import { largeFolderRows } from './memory/large-folder.ts';
import { qualityRows } from './memory/quality.ts';
import { readCorpus } from './memory/quality/corpus.ts';
import { vectorRows } from './memory/vector-rows.ts';
import type { BenchOptions, Row } from './support/row.ts';

/**
 * The memory of a large folder through its public face, in the process that ships. `--size` is the number of chunks, and
 * `--only` one of the parts: quality, folder, vectors, disk.
 */
export async function run({ peers, size = 100_000, only }: BenchOptions): Promise<Row[]> {
  if (peers === undefined) throw new Error('The packages to search are not installed.');
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'strata-bench-')));
  const packages = join(import.meta.dirname, '../../node_modules');
  const parts: Readonly<Record<string, (place: string) => Promise<Row[]>>> = {
    quality: (place) => qualityRows(place, peers),
    folder: (place) => {
      const { questions } = readCorpus(join(peers, 'node_modules'), QUESTIONS);
      return largeFolderRows({ place, packages, chunks: size, queries: questions.map(({ text }) => text) });
    },
    vectors: (place) => vectorRows(place, size),
    disk: (place) => diskRows(place, Math.round(size / 10)),
  };
  try {
    const rows: Row[] = [];
    for (const [name, part] of Object.entries(parts))
      if (only === undefined || only === name) rows.push(...(await part(join(root, name))));
    return rows;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Of each package. */
const QUESTIONS = 20;
