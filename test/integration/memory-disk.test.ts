import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { found, limit, place } from './memory-fixture.ts';

const FILES = 40;
/** Fewer than are tidied at once, also by a process that ends. */
const UPDATES = 60;
const HOUR = 3_600_000;

const fileOf = (file: number): string => `src/f${String(file)}.js`;

/** Six functions, of which one is of the edition. */
function sourceOf(file: number, edition: number): string {
  return Array.from({ length: 6 }, (_, at) => {
    const name = `part${String(file)}x${String(at)}`;
    const lines = Array.from(
      { length: 8 },
      (_line, line) => `  const v${String(line)} = ${name}Value(${String(line)});`,
    );
    const said = at === 3 ? `'edition${String(edition)}'` : `'${name}'`;
    return `export function ${name}() {\n${lines.join('\n')}\n  return ${said};\n}\n`;
  }).join('\n');
}

function bytesIn(folder: string): number {
  let sum = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    sum += statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return sum;
}

async function untilBelow(folder: string, bytes: number): Promise<void> {
  const signal = limit();
  while (bytesIn(folder) > bytes) {
    if (signal.aborted)
      assert.fail(`${String(bytesIn(folder))} bytes on the disk, not ${String(bytes)} at most`);
    await sleep(200);
  }
}

test('after many small updates the disk holds little more than a fresh index', async (t) => {
  const { storageDir, open, write } = place(t);
  const edit = (file: number, edition: number): void => write({ [fileOf(file)]: sourceOf(file, edition) });
  for (let file = 0; file < FILES; file++) edit(file, 0);
  // A window that is never quiet tidies nothing.
  const busy = open({ limits: { quiet: HOUR } });
  await busy.index({ signal: limit() });
  const began = performance.now();
  for (let edition = 1; edition <= UPDATES; edition++) {
    edit(edition % FILES, edition);
    await busy.update([fileOf(edition % FILES)], { signal: limit() });
  }
  const took = performance.now() - began;
  await busy.dispose();
  const untidy = bytesIn(storageDir);

  // The first tidying must leave the versions that are still young; on a machine that is very busy they are not.
  const oldVersions = Math.min(Math.max(2 * took, 4_000), 20_000);
  const quiet = open({ limits: { quiet: 500, oldVersions } });
  edit(0, UPDATES + 1);
  await quiet.update([fileOf(0)], { signal: limit() });
  const other = path.join(storageDir, '..', 'fresh');
  const fresh = open({ storageDir: other, limits: { quiet: HOUR } });
  await fresh.index({ signal: limit() });
  const { chunks } = await fresh.stats();
  await fresh.dispose();
  const most = bytesIn(other) * 1.5;
  assert.ok(untidy > most, `there is something to tidy: ${String(untidy)} bytes of ${String(most)}`);
  await untilBelow(storageDir, most);
  assert.match((await found(quiet, `edition${String(UPDATES + 1)}`))[0] ?? '', /^src\/f0\.js:/);
  assert.equal((await quiet.stats()).chunks, chunks, 'nothing is lost and nothing is there twice');
});
