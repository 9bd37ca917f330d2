import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from './support/row.ts';
import { callRows } from './tools/calls.ts';
import { floodRows } from './tools/flood.ts';
import { idleRows } from './tools/idle.ts';
import { startRows } from './tools/starts.ts';
import { openToolsWorld } from './tools/world.ts';

/**
 * Tool servers in containers beside the same servers as plain child processes of this one, in turns in one run. The engine that
 * answers is used; images are built before anything is measured.
 */
export async function run(): Promise<Row[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'strata-bench-')));
  // The plain child sees what the container mounts.
  const copy = join(folder, 'copies', 'r-bench');
  mkdirSync(copy, { recursive: true });
  writeFileSync(join(copy, 'small.txt'), 'a small file\n'.repeat(20));
  const world = await openToolsWorld(folder, copy);
  try {
    return [
      ...(await callRows(world)),
      ...(await startRows(world)),
      ...(await idleRows(world)),
      ...(await floodRows()),
    ];
  } finally {
    await world.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
