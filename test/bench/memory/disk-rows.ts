import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openMemory } from '../../../extension/src/node/lancedb/index.ts';
import { atMost, inform, type Row } from '../support/row.ts';
import { pathOf, sourceOf, writeSources } from './generated-source.ts';
import { untilTidy } from './memory-child.ts';

/** What an index takes on disk after so many saves of one file each, beside one that was made of the same files at once. */
export async function diskRows(place: string, updates: number): Promise<Row[]> {
  const folder = join(place, 'folder');
  mkdirSync(folder, { recursive: true });
  writeSources(folder, FILES);
  const [worn, fresh] = [join(place, 'worn'), join(place, 'fresh')];
  const milliseconds = await indexed(folder, worn, async (update) => {
    const start = performance.now();
    for (let done = 0; done < updates; done++) {
      const file = done % FILES;
      writeFileSync(join(folder, pathOf(file)), sourceOf(file, done + 1));
      await update(pathOf(file));
    }
    return (performance.now() - start) / updates;
  });
  await indexed(folder, fresh, () => Promise.resolve(0));
  const [wornBytes, freshBytes] = [bytesIn(worn), bytesIn(fresh)];
  return [
    inform('one of many updates, on average', 'ms', milliseconds),
    inform('a fresh index on disk', 'MB', freshBytes / 1024 / 1024),
    atMost(`disk after ${String(updates)} small updates`, 'times a fresh index', 1.5, wornBytes / freshBytes),
  ];
}

async function indexed(
  folder: string,
  storageDir: string,
  work: (update: (path: string) => Promise<unknown>) => Promise<number>,
): Promise<number> {
  const childPath = join(import.meta.dirname, '../../../dist/memory-child.cjs');
  const memory = openMemory({ folder, storageDir, childPath });
  try {
    await memory.index({ signal: AbortSignal.timeout(600_000) });
    const result = await work((path) => memory.update([path], { signal: AbortSignal.timeout(60_000) }));
    await untilTidy();
    // Old versions are dropped a while after the last reader can have used them.
    await sleep(VERSIONS_LAST_MS);
    await untilTidy();
    return result;
  } finally {
    await memory.dispose();
  }
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => lstatSync(join(folder, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}

/** Of ten chunks each. */
const FILES = 1_000;
const VERSIONS_LAST_MS = 80_000;
