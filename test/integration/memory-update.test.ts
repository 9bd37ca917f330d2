import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Memory, SearchFilter } from '../../extension/src/core/memory/index.ts';
import { found, limit, place } from './memory-fixture.ts';

const code = (name: string): string =>
  `export function handle${name}(request) {\n  const marker = '${name}';\n  return marker;\n}\n`;

async function paths(memory: Memory, query: string, filter?: SearchFilter): Promise<string[]> {
  const hits = await memory.search(query, {
    limit: 20,
    signal: limit(),
    ...(filter === undefined ? {} : { filter }),
  });
  return hits.map((hit) => hit.path).sort();
}

test('what was saved, renamed, removed or taken back is found as it is now', async (t) => {
  const { folder, open, write, remove } = place(t);
  write({ 'src/a.js': code('Apple'), 'src/deep/b.js': code('Banana') });
  const memory = open();
  const update = (...changed: string[]) => memory.update(changed, { signal: limit() });
  await memory.index({ signal: limit() });

  write({ 'src/a.js': `// moved down\n\n${code('Apple')}`, 'new.js': code('Cherry') });
  assert.equal((await update('src/a.js', './new.js')).changed, 2);
  assert.deepEqual(await found(memory, 'cherry'), ['new.js:1-4 handleCherry']);
  assert.match((await found(memory, 'apple')).join(), /^src\/a\.js:[13]-6 handleApple$/);

  renameSync(path.join(folder, 'src'), path.join(folder, 'Src'));
  assert.equal((await update('src', 'Src')).removed, 2);
  assert.deepEqual(await paths(memory, 'apple banana'), ['Src/a.js', 'Src/deep/b.js']);

  remove('Src');
  const gone = await update('Src');
  assert.deepEqual([gone.files, gone.chunks, gone.removed], [1, 1, 2]);
  assert.deepEqual(await paths(memory, 'apple banana'), []);

  assert.equal((await update('../outside.js', '/etc/hostname', 'never/was.js', '')).files, 1);
  write({ 'Src/a.js': code('Apple') });
  assert.equal((await update('Src')).chunks, 2, 'a content that comes back');
  assert.deepEqual(await found(memory, 'apple'), ['Src/a.js:1-4 handleApple']);
});

test('ignore rules hold for one file too, and a change of them is taken in', async (t) => {
  const { folder, open, write } = place(t);
  write({ '.gitignore': 'build/', 'src/a.js': code('Apple'), 'build/b.js': code('Banana') });
  symlinkSync('src', path.join(folder, 'link'));
  const memory = open();
  await memory.index({ signal: limit() });
  await memory.update(['build/b.js', 'link/a.js', 'link'], { signal: limit() });
  assert.deepEqual(await paths(memory, 'apple banana'), ['src/a.js']);
  write({ '.gitignore': 'src/' });
  await memory.update(['.gitignore'], { signal: limit() });
  assert.deepEqual(await paths(memory, 'apple banana'), ['build/b.js']);
});

test('a pipe in the place of a file holds nothing up', async (t) => {
  if (process.platform === 'win32') {
    t.skip('needs named pipes');
    return;
  }
  const { folder, open, write } = place(t);
  write({ 'a.js': code('Apple') });
  execFileSync('mkfifo', [path.join(folder, 'pipe.js')]);
  const memory = open();
  await memory.index({ signal: limit() });
  assert.equal((await memory.update(['pipe.js', 'a.js'], { signal: limit() })).files, 1);
});

test('a search looks at what its filter leaves, and takes what stands in it as data', async (t) => {
  const { open, write } = place(t);
  write({
    'src/a.js': code('Apple'),
    'src/b.py': 'def handle_apple(request):\n    return "apple"\n',
    "lib/it's.js": code('Apple').replace('return marker', 'return [marker, 1, 2, 3, 4, 5, request]'),
    'docs/apple.md': '# Apple\n\nHow an apple is handled.\n',
  });
  const memory = open();
  await memory.index({ signal: limit() });
  const check = async (filter: SearchFilter, expected: readonly string[]): Promise<void> =>
    assert.deepEqual(await paths(memory, 'apple', filter), expected, JSON.stringify(filter));
  await check({ paths: ['src'] }, ['src/a.js', 'src/b.py']);
  await check({ paths: ['src/b.py', './docs/'] }, ['docs/apple.md', 'src/b.py']);
  await check({ paths: ['*.py'] }, ['src/b.py']);
  await check({ paths: ['{src,lib}/**/*.js'], languages: ['javascript'] }, ["lib/it's.js", 'src/a.js']);
  await check({ paths: ["lib/it's.js"] }, ["lib/it's.js"]);
  await check({ kinds: ['docs'] }, ['docs/apple.md']);
  await check({ kinds: [] }, []);
  await check({ paths: ["x' OR 1=1 --", "'; DROP TABLE chunks; --"], languages: ["'"] }, []);
  await check({ changedSince: Date.now() + 60_000 }, []);
  await check({ changedSince: 0, kinds: ['docs'] }, ['docs/apple.md']);
});

test('paused, nothing is taken in; resumed, all of it is', async (t) => {
  const { open, write } = place(t);
  write({ 'a.js': code('Apple') });
  const memory = open();
  assert.equal((await memory.state()).phase, 'none');
  await memory.index({ signal: limit() });
  const { phase, files, chunks, kept, bytes } = await memory.state();
  assert.deepEqual([phase, files, chunks, kept, bytes > 0], ['ready', 1, 1, 'here', true]);
  await memory.pause();
  assert.equal((await memory.state()).phase, 'paused');
  write({ 'b.js': code('Banana') });
  const indexing = memory.index({ signal: limit() });
  await memory.update(['b.js'], { signal: limit() });
  assert.deepEqual(await paths(memory, 'apple banana'), ['a.js'], 'searches go on');
  await memory.resume();
  await indexing;
  assert.deepEqual(await paths(memory, 'apple banana'), ['a.js', 'b.js']);
  await memory.clear();
  assert.deepEqual(await paths(memory, 'apple banana'), []);
  assert.equal((await memory.state()).phase, 'none');
});

test('one process keeps the index, the others see what it writes, and one of them takes over', async (t) => {
  const { open, write } = place(t);
  write({ 'a.js': code('Apple') });
  const [first, second] = [open(), open()];
  // Memory alone keeps no program alive.
  const alive = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(alive));
  assert.equal((await first.state()).kept, 'here');
  await first.index({ signal: limit() });
  assert.equal((await second.state()).kept, 'elsewhere');
  assert.deepEqual(await paths(second, 'apple'), ['a.js']);
  const { promise: told, resolve } = Promise.withResolvers<void>();
  const watching = second.onDidChange(resolve);
  write({ 'b.js': code('Banana') });
  await first.update(['b.js'], { signal: limit() });
  await told;
  assert.deepEqual(await paths(second, 'banana'), ['b.js']);
  watching.dispose();
  const { promise: over, resolve: takenOver } = Promise.withResolvers<void>();
  second.onDidChange(() => {
    void second.state().then(({ kept }) => {
      if (kept === 'here') takenOver();
    });
  });
  await first.dispose();
  await over;
});
