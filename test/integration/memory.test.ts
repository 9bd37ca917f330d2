import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { found, limit, place } from './memory-fixture.ts';

const cart = `export function sumOfCart(items) {\n  let total = 0;\n  for (const item of items) total += item.price;\n  return total;\n}\n`;
const parser = `/** Reads one header. */\nexport function parseCookieHeader(header) {\n  const pairs = header.split(';');\n  return pairs;\n}\n`;

test('index, search, edit, rename, remove: only what is there is found', async (t) => {
  const { open, write, remove } = place(t);
  const memory = open();
  assert.deepEqual(await found(memory, 'cookie'), [], 'nothing before the first run');

  write({ 'src/cart.js': cart, 'src/cookie.js': parser, 'empty.js': '' });
  const first = await memory.index({ signal: limit() });
  assert.deepEqual(first, { files: 2, chunks: 2, changed: 3, removed: 0, skipped: 0 });
  assert.deepEqual(await found(memory, 'cookie header'), ['src/cookie.js:1-5 parseCookieHeader']);
  const [hit] = await memory.search('cookie', { limit: 1, signal: limit() });
  assert.equal(hit?.text, parser.trimEnd());

  write({ 'src/cookie.js': parser.replaceAll('Cookie', 'Biscuit') });
  assert.equal((await memory.index({ signal: limit() })).changed, 1);
  assert.deepEqual(await found(memory, 'biscuit'), ['src/cookie.js:1-5 parseBiscuitHeader']);
  assert.deepEqual(await found(memory, 'parse header'), ['src/cookie.js:1-5 parseBiscuitHeader']);

  remove('src/cookie.js');
  write({ 'src/renamed.js': parser });
  const renamed = await memory.index({ signal: limit() });
  assert.deepEqual([renamed.changed, renamed.removed, renamed.chunks], [1, 1, 2]);
  assert.deepEqual(await found(memory, 'biscuit'), []);
  assert.deepEqual(await found(memory, 'cookie'), ['src/renamed.js:1-5 parseCookieHeader']);

  remove('src');
  assert.deepEqual(await memory.index({ signal: limit() }), {
    files: 0,
    chunks: 0,
    changed: 0,
    removed: 2,
    skipped: 0,
  });
  assert.deepEqual(await memory.stats(), { chunks: 0, files: 0, episodes: 0 });
});

test('what is indexed outlives the process that did it', async (t) => {
  const { open, write } = place(t);
  write({ 'cookie.js': parser });
  const first = open();
  await first.index({ signal: limit() });
  await first.dispose();
  const second = open();
  assert.deepEqual(await found(second, 'cookie'), ['cookie.js:1-5 parseCookieHeader']);
  assert.equal((await second.index({ signal: limit() })).changed, 0);
});

test('ignored, generated, binary, large and linked files stay out; odd encodings are read', async (t) => {
  const { folder, open, write } = place(t);
  write({
    '.gitignore': 'build/\n*.secret',
    'build/a.js': parser,
    'a.secret': parser,
    'sub/.strataignore': 'private.js',
    'sub/private.js': parser,
    'node_modules/x/index.js': parser,
    'package-lock.json': '{ "cookie": 1 }',
    'image.png': Buffer.from('\x89PNG\0\0cookie'),
    'huge.log': 'cookie '.repeat(1_500_000),
    'wide.txt': Buffer.from('\ufeffwide cookie', 'utf16le'),
    'latin.txt': Buffer.concat([Buffer.from('latin cookie '), Buffer.from([0xe9])]),
    "it's a 'file'.js": parser.replace('one', 'quoted'),
    'fährte/日本語.md': '# Cookie\n\ntext',
  });
  symlinkSync('..', path.join(folder, 'sub', 'loop'));
  symlinkSync('/etc/hostname', path.join(folder, 'outside.txt'));
  const memory = open();
  const report = await memory.index({ signal: limit() });
  assert.equal(report.skipped, 3);
  const paths = (await memory.search('cookie', { limit: 50, signal: limit() })).map((hit) => hit.path);
  assert.deepEqual(paths.sort(), ['fährte/日本語.md', "it's a 'file'.js", 'latin.txt', 'wide.txt'].sort());
  write({ "it's a 'file'.js": cart });
  await memory.index({ signal: limit() });
  assert.deepEqual(
    await found(memory, 'sum of items'),
    ["it's a 'file'.js:1-5 sumOfCart"],
    'its new content, once',
  );
});

test('a folder inside of a git repository keeps to the ignore files above it', async (t) => {
  const { folder, open, write } = place(t);
  const top = path.dirname(folder);
  mkdirSync(path.join(top, '.git'));
  writeFileSync(path.join(top, '.gitignore'), '*.tmp.js\n/folder/out/\n/other/src/\n');
  write({ 'src/a.tmp.js': parser, 'out/b.js': parser, 'src/c.js': parser });
  const memory = open();
  await memory.index({ signal: limit() });
  assert.deepEqual(await found(memory, 'cookie'), ['src/c.js:1-5 parseCookieHeader']);
});

test('a file that shrinks, grows over the limit, or turns binary is replaced or taken out', async (t) => {
  const { folder, open, write } = place(t);
  write({ 'a.js': `${cart}\n${parser}`, 'b.js': parser, 'c.js': parser.replace('one', 'third') });
  const memory = open();
  assert.equal((await memory.index({ signal: limit() })).chunks, 4);
  write({ 'a.js': cart, 'b.js': Buffer.from(`${parser}\0`) });
  truncateSync(path.join(folder, 'c.js'), 2_000_000);
  const report = await memory.index({ signal: limit() });
  assert.deepEqual([report.files, report.chunks, report.removed, report.skipped], [1, 1, 2, 2]);
  assert.deepEqual(await found(memory, 'cookie'), []);
});

test('any text may be asked', async (t) => {
  const { open, write } = place(t);
  write({ 'cookie.js': parser });
  const memory = open();
  await memory.index({ signal: limit() });
  const asked = async (query: string): Promise<number> =>
    (await memory.search(query, { limit: 5, signal: limit() })).length;
  assert.equal(await asked(`"cookie" AND NOT (x OR 'y'); DROP TABLE chunks; -- ~2 ^ * \\ /`), 1);
  assert.equal(await asked(`cookie ${'noise '.repeat(20_000)}`), 1);
  assert.equal(await asked('\u0000\ud800 🎉 "()"'), 0);
  assert.equal(await asked(''), 0);
  assert.equal((await memory.search('cookie', { limit: 0, signal: limit() })).length, 0);
  assert.equal((await memory.search('cookie', { limit: Infinity, signal: limit() })).length, 1);
});

test('a cancelled call ends at once, and the next one works', async (t) => {
  const { open, write } = place(t);
  write(
    Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`f${String(at)}.js`, `${parser}// ${String(at)}`]),
    ),
  );
  const memory = open();
  const stop = new AbortController();
  await assert.rejects(memory.index({ signal: stop.signal, onProgress: () => stop.abort() }), {
    name: 'AbortError',
  });
  await assert.rejects(memory.search('x', { limit: 1, signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.equal((await memory.index({ signal: limit() })).files, 300);
});
