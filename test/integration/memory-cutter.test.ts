import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { found, limit, place } from './memory-fixture.ts';

const childPath = fileURLToPath(new URL('../support/odd-cutter-process.ts', import.meta.url));

test('a thread that hangs or dies at a file, or lacks a grammar: the file is cut by lines, and the index goes on', async (t) => {
  const { open, write } = place(t);
  write({
    'a.js': 'export function apple() {\n  return 1;\n}\n',
    'b-dies.js': 'export function banana() {\n  return "the thread dies";\n}\n',
    'c-hangs.py': 'def cherry():\n    return "the thread hangs"\n',
    'd.go': 'package d\n\nfunc date() int {\n\treturn 1\n}\n',
    'e.ts': 'export class Elder {\n  berry(): number {\n    return 1;\n  }\n}\n',
  });
  const memory = open({ childPath });
  const report = await memory.index({ signal: limit() });
  assert.deepEqual([report.files, report.skipped], [5, 0]);
  const all = ['apple', 'banana', 'cherry', 'date', 'berry'];
  const paths = await Promise.all(all.map(async (word) => (await found(memory, word))[0]?.split(':')[0]));
  assert.deepEqual(paths, ['a.js', 'b-dies.js', 'c-hangs.py', 'd.go', 'e.ts']);
  const said = /^Code of some languages is cut by the shape of its lines.*: tree-sitter-go\.wasm is missing/;
  assert.match(report.notes?.join('\n') ?? '', said);
  const { phase, problem } = await memory.state();
  assert.equal(phase, 'ready');
  assert.match(problem?.message ?? '', said);
  write({ 'f.rb': 'def fig\n  1\nend\n' });
  await memory.update(['f.rb'], { signal: limit() });
  assert.deepEqual(await found(memory, 'fig'), ['f.rb:1-3 fig'], 'the next thread parses');
});
