import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { buildServers } from '../support/build-servers.ts';
import { folderOf, missing, openServer } from '../support/server-child.ts';

let servers: Awaited<ReturnType<typeof buildServers>>;
before(async () => {
  servers = await buildServers(['files']);
});
after(() => servers.remove());

async function open(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  more: { readonly path?: string; readonly arguments?: readonly string[] } = {},
) {
  const folder = folderOf(t, files);
  const server = await openServer(t, 'files', {
    folder: servers.folder,
    root: folder,
    ...(more.path === undefined ? {} : { environment: { PATH: more.path } }),
    ...(more.arguments ? { arguments: more.arguments } : {}),
  });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const patch = (...operations: readonly unknown[]) => server.say('patch', { operations });
  return { folder, server, read, patch };
}

test('lists its tools in a fixed order, and the reading ones only when that is asked for', async (t) => {
  const names = async (args: readonly string[]) => {
    const { server } = await open(t, {}, { arguments: args });
    return (await server.client.listTools()).tools.map(({ name }) => name).join(' ');
  };
  assert.equal(await names([]), 'read list glob search edit patch create write delete move');
  assert.equal(await names(['--read-only']), 'read list glob search');
});

test('create makes a new file, and never replaces one', async (t) => {
  const { server, read, folder } = await open(t, { 'a.txt': 'a' });
  assert.equal(
    await server.say('create', { path: 'deep/er/b.txt', text: 'grün' }),
    'Created deep/er/b.txt with 5 bytes.',
  );
  assert.equal(read('deep/er/b.txt'), 'grün');
  assert.equal(await server.say('create', { path: 'a.txt', text: 'b' }), '! "a.txt" exists already.');
  assert.equal(read('a.txt'), 'a');
  assert.equal(
    await server.say('create', { path: '../x', text: '' }),
    '! "../x" is outside of the workspace.',
  );
  symlinkSync('/tmp/strata-nowhere', join(folder, 'dangling'));
  assert.match(await server.say('create', { path: 'dangling', text: '' }), /^! "dangling" does not exist/);
});

test('patch changes several files, and later operations see earlier ones', async (t) => {
  const { read, patch, folder } = await open(t, { 'a.ts': 'one one\n', 'b.ts': 'two\n', 'c.ts': 'three\n' });
  chmodSync(join(folder, 'b.ts'), 0o755);
  assert.equal(
    await patch(
      { action: 'edit', path: 'a.ts', oldText: 'one', newText: '1', replaceAll: true },
      { action: 'edit', path: 'a.ts', oldText: '1 1', newText: 'eins' },
      { action: 'create', path: 'new/d.ts', text: 'four\n' },
      { action: 'edit', path: 'new/d.ts', oldText: 'four', newText: 'vier' },
      { action: 'move', path: 'b.ts', to: 'lib/b.ts' },
      { action: 'edit', path: 'lib/b.ts', oldText: 'two', newText: 'zwei' },
      { action: 'delete', path: 'c.ts' },
      { action: 'create', path: 'c.ts/e.ts', text: 'folder in the place of a file\n' },
    ),
    ['! Nothing was changed. Operation 8: "c.ts/e.ts" goes through something that is not a folder.'].join(
      '\n',
    ),
  );
  assert.equal(read('a.ts'), 'one one\n');
  assert.equal(
    await patch(
      { action: 'edit', path: 'a.ts', oldText: 'one', newText: '1', replaceAll: true },
      { action: 'edit', path: 'a.ts', oldText: '1 1', newText: 'eins' },
      { action: 'create', path: 'new/d.ts', text: 'four\n' },
      { action: 'edit', path: 'new/d.ts', oldText: 'four', newText: 'vier' },
      { action: 'move', path: 'b.ts', to: 'lib/b.ts' },
      { action: 'edit', path: 'lib/b.ts', oldText: 'two', newText: 'zwei' },
      { action: 'delete', path: 'c.ts' },
      { action: 'create', path: 'c.ts', text: 'again\n' },
      { action: 'replace', path: './c.ts', text: 'once more\n' },
    ),
    [
      'Replaced 2 places of a.ts.',
      'Replaced the text at line 1 of a.ts.',
      'Created new/d.ts.',
      'Replaced the text at line 1 of new/d.ts.',
      'Moved b.ts to lib/b.ts.',
      'Replaced the text at line 1 of lib/b.ts.',
      'Deleted c.ts.',
      'Created c.ts.',
      'Replaced all of c.ts.',
    ].join('\n'),
  );
  assert.deepEqual(['a.ts', 'new/d.ts', 'lib/b.ts', 'c.ts'].map(read), [
    'eins\n',
    'vier\n',
    'zwei\n',
    'once more\n',
  ]);
  assert.equal(existsSync(join(folder, 'b.ts')), false);
  assert.equal(statSync(join(folder, 'lib/b.ts')).mode & 0o777, 0o755);
});

test('patch names every mistake and changes nothing', async (t) => {
  const { read, patch, folder } = await open(t, { 'a.ts': 'one\n', 'b.bin': 'a\0b' });
  assert.equal(
    await patch(
      { action: 'edit', path: 'a.ts', oldText: 'one', newText: 'two' },
      { action: 'edit', path: 'a.ts', oldText: 'one', newText: 'three' },
      { action: 'delete', path: 'gone.ts' },
      { action: 'create', path: 'a.ts', text: '' },
      { action: 'edit', path: 'b.bin', oldText: 'a', newText: 'b' },
      { action: 'move', path: 'a.ts', to: '../../a.ts' },
      { action: 'delete', path: '.' },
      { action: 'rename', path: 'a.ts' },
      { path: 'a.ts' },
    ),
    [
      '! Nothing was changed. Operation 2: `oldText` does not occur in "a.ts".',
      'Operation 3: "gone.ts" does not exist.',
      'Operation 4: "a.ts" exists already.',
      'Operation 5: "b.bin" is a binary file of 3 bytes.',
      'Operation 6: "../../a.ts" is outside of the workspace.',
      'Operation 7: "." is the workspace itself.',
      'Operation 8: There is no action "rename". There are: edit, create, replace, delete, move.',
      'Operation 9: `action` must be a string.',
    ].join('\n'),
  );
  assert.equal(read('a.ts'), 'one\n');
  assert.match(await patch(), /^! `operations` must be a list/);
  assert.match(await patch('delete a.ts'), /^! Operation 1 must be an object/);
  assert.ok(existsSync(join(folder, 'b.bin')));
});

test('a patch that the disk refuses half-way is taken back', async (t) => {
  const { read, patch, folder } = await open(t, { 'a.ts': 'one\n', 'b.ts': 'two\n' });
  assert.match(
    await patch(
      { action: 'edit', path: 'a.ts', oldText: 'one', newText: 'two' },
      { action: 'delete', path: 'b.ts' },
      { action: 'create', path: 'new/c.ts', text: '' },
      { action: 'create', path: 'file', text: '' },
      { action: 'create', path: 'file/in-it.ts', text: '' },
    ),
    /^! Nothing was changed\. "file\/in-it\.ts"/,
  );
  assert.equal(read('a.ts') + read('b.ts'), 'one\ntwo\n');
  assert.deepEqual(readdirSync(folder).toSorted(), ['a.ts', 'b.ts']);
});

const searched = {
  'src/a.ts': 'export const one = 1;\n  const größe = "(one)";\r\n',
  'src/deep/b.js': `let one;\n${'x'.repeat(500)} one\n`,
  'src.ts': 'one\n',
  '.hidden/c.ts': 'one\n',
  'ignored.ts': 'one\n',
  '.gitignore': 'ignored.ts\n',
  'binary.dat': 'one\0one\n',
  'node_modules/dep/index.js': 'one\n',
  '.git/config': 'one\n',
  'src/__pycache__/x.py': 'one\n',
  'empty.txt': '',
};

const searches: readonly Record<string, unknown>[] = [
  { pattern: 'one' },
  { pattern: '\\bone\\b', glob: '*.ts' },
  { pattern: 'one', glob: 'src/**/*.js' },
  { pattern: 'one', glob: '{src,ignored}*' },
  { pattern: 'ONE', ignoreCase: true, path: 'src' },
  { pattern: '(one)', literal: true },
  { pattern: '-one', literal: true },
  { pattern: 'GRÖSSE|größe', ignoreCase: true },
  { pattern: '^let (?<name>\\w+);$' },
  { pattern: 'one', path: 'src/a.ts' },
  { pattern: 'one', path: 'node_modules' },
  { pattern: 'one', path: 'node_modules/dep', glob: '*.js' },
  { pattern: 'one', maxResults: 2 },
  { pattern: 'one(?=;)' },
  { pattern: '(o)n\\1' },
  { pattern: '[[:alpha:]]' },
  { pattern: 'nothing at all' },
  { pattern: '\\/\\-' },
];

test('search answers the same with ripgrep and without it', async (t) => {
  if (missing(t, 'rg')) return;
  const files = { ...searched };
  const withIt = await open(t, files);
  const without = await open(t, files, { path: '/nowhere' });
  mkdirSync(join(withIt.folder, 'new\nline'));
  mkdirSync(join(without.folder, 'new\nline'));
  for (const folder of [withIt.folder, without.folder]) writeFileSync(join(folder, 'new\nline/x.ts'), 'one');
  for (const args of searches)
    assert.equal(
      await withIt.server.say('search', args),
      await without.server.say('search', args),
      JSON.stringify(args),
    );
});

test('search finds what it should', async (t) => {
  const { server } = await open(t, searched);
  assert.equal(
    await server.say('search', { pattern: '^\\s*(export )?const (one|größe)' }),
    'src/a.ts:1: export const one = 1;\nsrc/a.ts:2:   const größe = "(one)";\n[Results: 2, files: 1.]',
  );
  assert.match(
    await server.say('search', { pattern: 'x+ one' }),
    /^src\/deep\/b\.js:2: x{400}…\n\[Results: 1, files: 1\.\]$/,
  );
  assert.equal(
    await server.say('search', { pattern: 'one', maxResults: 1 }),
    '.hidden/c.ts:1: one\n[Results: the first 1, in 1 files. There are more; narrow the search.]',
  );
});

test('a search is stopped by its caller', async (t) => {
  const { server } = await open(t, { 'a.txt': `${'a'.repeat(60)}!\n` });
  const cancel = new AbortController();
  // Look-ahead, so that ripgrep does not take it, and no end within anybody's patience.
  const call = server.call('search', { pattern: '(?=(a+)+$)(a+)+$' }, { signal: cancel.signal });
  call.catch(() => undefined);
  setTimeout(() => cancel.abort(), 500);
  await assert.rejects(call);
  assert.equal(await server.say('read', { path: 'a.txt' }), `${'a'.repeat(60)}!\n`);
});
