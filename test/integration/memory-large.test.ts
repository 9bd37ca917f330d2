import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Memory } from '../../extension/src/core/memory/index.ts';
import { limit, place } from './memory-fixture.ts';

/** Of each function: letters alone, so that it is one word. */
function wordOf(file: number, at: number): string {
  const letters = [...String(file * FUNCTIONS + at)].map((digit) => 'bdfgklmnpr'[Number(digit)] ?? '');
  return `zu${letters.join('o')}ox`;
}

function sourceOf(file: number): string {
  return Array.from(
    { length: FUNCTIONS },
    (_, at) =>
      `export function ${wordOf(file, at)}(request) {\n  const answer = answerOf(request);\n  return answer;\n}\n`,
  ).join('\n');
}

/**
 * The text index is brought up to date in leaps: after the last one of this many, more rows are left than are kept in memory
 * beside it.
 */
const FILES = 70;
const FUNCTIONS = 250;
/** Some of each file. */
const ASKED = [0, 101, 249];

async function lost(memory: Memory): Promise<string[]> {
  const missing: string[] = [];
  for (let file = 0; file < FILES; file++)
    for (const at of ASKED) {
      const hits = await memory.search(wordOf(file, at), { limit: 3, signal: limit() });
      if (hits[0]?.symbol !== wordOf(file, at)) missing.push(`${String(file)}:${String(at)}`);
    }
  return missing;
}

test('all of a large folder is found as soon as it is indexed, and by a process that is started then', async (t) => {
  const { open, write } = place(t);
  for (let file = 0; file < FILES; file++)
    write({ [`src/part${String(file).padStart(2, '0')}.js`]: sourceOf(file) });
  const memory = open();
  const { chunks } = await memory.index({ signal: limit() });
  assert.equal(chunks, FILES * FUNCTIONS);
  assert.deepEqual(await lost(memory), []);
  write({ 'src/saved.js': 'export function quivrelm() {\n  return 1;\n}\n' });
  await memory.update(['src/saved.js'], { signal: limit() });
  const [saved] = await memory.search('quivrelm', { limit: 3, signal: limit() });
  assert.equal(saved?.path, 'src/saved.js');
  await memory.dispose();
  assert.deepEqual(await lost(open()), []);
});
