import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openMemory } from '../../../extension/src/node/lancedb/index.ts';
import { atLeast, type Row } from '../support/row.ts';
import { writeSources } from './generated-source.ts';

const FILES = 1_000;

/** A first index of a folder without an embedder. */
export async function indexRows(root: string): Promise<Row[]> {
  const folder = join(root, 'folder');
  mkdirSync(folder);
  writeSources(folder, FILES);
  const childPath = join(import.meta.dirname, '../../../dist/memory-child.cjs');
  const memory = openMemory({ folder, storageDir: join(root, 'storage'), childPath });
  try {
    const start = performance.now();
    const { chunks } = await memory.index({ signal: AbortSignal.timeout(600_000) });
    return [
      atLeast('first index, no embedder', 'chunks/s', 1_000, (chunks * 1_000) / (performance.now() - start)),
    ];
  } finally {
    await memory.dispose();
  }
}
