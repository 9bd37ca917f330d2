import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { hostLauncher, openMcpServer } from '../../extension/src/node/mcp/index.ts';
import type { ServerProcess } from '../../extension/src/node/mcp/index.ts';
import { buildServers } from '../support/docker.ts';
import { folderWith, toolsOver } from '../support/docker-world.ts';
import { openTools } from '../support/tool-world.ts';

let servers: Awaited<ReturnType<typeof buildServers>>;
before(async () => {
  servers = await buildServers();
});
after(() => servers.remove());

const sample = {
  'src/a.ts': 'export const one = 1;\nexport const two = 2;\n',
  'src/deep/b.js': 'let x = "(one)";\r\nlet y;\r\n',
  'node_modules/dep/index.js': 'one',
  'empty.txt': '',
  'no-newline.txt': 'a\nb',
  'pixel.png': 'not really',
  'binary.dat': 'a\0b',
};

/** The server on a folder, as a plain child process: what it does is the same as in its container. */
function open(t: TestContext, files: Readonly<Record<string, string>> = sample) {
  const folder = folderWith(files);
  mkdirSync(join(folder.path, '..', 'outside'));
  writeFileSync(join(folder.path, '..', 'outside', 'secret.txt'), 'secret');
  const bundle = join(servers.folder, 'files', 'server.mjs');
  const launch = () => Promise.resolve(child(bundle, folder.path));
  const tools = toolsOver([
    openMcpServer({ name: 'files', launch, effectOf: () => 'read', callLimitMs: 30_000 }),
  ]);
  t.after(async () => {
    await tools.dispose();
    folder.remove();
  });
  const check = async (tool: string, args: JsonObject, expected: string | RegExp) => {
    const got = await tools.say(`files_${tool}`, args);
    if (typeof expected === 'string') assert.equal(got, expected);
    else assert.match(got, expected);
  };
  return { folder: folder.path, tools, check };
}

function child(bundle: string, root: string): ServerProcess {
  const spawned = spawn(process.execPath, [bundle], { env: { STRATA_ROOT: root }, stdio: 'pipe' });
  const ended = new Promise<{ kind: 'stopped' }>((resolve) =>
    spawned.once('exit', () => resolve({ kind: 'stopped' })),
  );
  return {
    input: spawned.stdin,
    output: spawned.stdout,
    errors: spawned.stderr,
    ended,
    memoryLimitBytes: undefined,
    outOfMemoryKills: () => 0,
    stop: async () => {
      spawned.stdin.end(); // No signal: the end of its input must be enough.
      await ended;
    },
  };
}

test('read gives exact text, ranges, and says what it cannot read', async (t) => {
  const { check } = open(t);
  await check('read', { path: 'src/a.ts' }, sample['src/a.ts']);
  await check('read', { path: './src/../src/a.ts', startLine: 2 }, 'export const two = 2;\n');
  await check('read', { path: 'src/deep/b.js', startLine: 1, endLine: 1 }, 'let x = "(one)";\r\n');
  await check('read', { path: 'no-newline.txt' }, 'a\nb');
  await check('read', { path: 'empty.txt' }, '');
  await check('read', { path: 'pixel.png' }, '<image/png>');
  await check(
    'read',
    { path: 'no-newline.txt', startLine: 3 },
    '! "no-newline.txt" has 2 lines; line 3 does not exist.',
  );
  await check(
    'read',
    { path: 'src/a.ts', startLine: 2, endLine: 1 },
    '! `endLine` must not be before `startLine`.',
  );
  await check('read', { path: 'binary.dat' }, '! "binary.dat" is a binary file of 3 bytes.');
  await check('read', { path: 'src' }, '! "src" is a folder; use `list`.');
  await check('read', { path: 'nope' }, '! "nope" does not exist.');
});

test('long files are cut with a word about the rest', async (t) => {
  const { check } = open(t, { 'long.txt': 'line\n'.repeat(2500), 'wide.txt': 'x'.repeat(150_000) });
  await check(
    'read',
    { path: 'long.txt' },
    /line\n\n\[Lines 1 to 2000 of 2500\. Read on with startLine 2001\.\]$/,
  );
  await check('read', { path: 'long.txt', startLine: 2499 }, 'line\nline\n');
  await check('read', { path: 'wide.txt' }, /x\n\[Cut after 100000 characters, in line 1 of 1\.\]$/);
});

test('list, glob and search find what is there, in order', async (t) => {
  const { check } = open(t);
  await check('list', { path: 'src' }, 'a.ts (44)\ndeep/');
  await check('glob', { pattern: '*.{ts,js}' }, 'src/a.ts\nsrc/deep/b.js');
  await check('glob', { pattern: 'src/*' }, 'src/a.ts');
  await check('glob', { pattern: '**/b.[jt]s' }, 'src/deep/b.js');
  await check('glob', { pattern: '*.js', path: 'node_modules' }, 'node_modules/dep/index.js');
  await check('glob', { pattern: '*.py' }, 'No file matches *.py.');
  await check(
    'search',
    { pattern: '\\bone\\b' },
    'src/a.ts:1: export const one = 1;\nsrc/deep/b.js:1: let x = "(one)";\n[Results: 2, files: 2.]',
  );
  await check(
    'search',
    { pattern: '(ONE)', literal: true, ignoreCase: true },
    'src/deep/b.js:1: let x = "(one)";\n[Results: 1, files: 1.]',
  );
  await check(
    'search',
    { pattern: 'const', path: 'src/a.ts', maxResults: 1 },
    /^src\/a\.ts:1: .*\n\[Results: the first 1, in 1 files\./,
  );
  await check('search', { pattern: 'one', glob: '*.py' }, 'Nothing matches one.');
  await check('search', { pattern: '(' }, /^! "\(" is not a regular expression/);
});

test('edit replaces exactly one place, and helps with a near miss', async (t) => {
  const { check, folder } = open(t);
  await check(
    'edit',
    { path: 'src/a.ts', oldText: 'two = 2', newText: 'two = $&2' },
    'Replaced the text at line 2 of src/a.ts.',
  );
  assert.equal(
    readFileSync(join(folder, 'src/a.ts'), 'utf8'),
    'export const one = 1;\nexport const two = $&2;\n',
  );
  await check('edit', { path: 'src/a.ts', oldText: 'export', newText: 'x' }, /^! `oldText` occurs 2 times/);
  await check(
    'edit',
    { path: 'src/a.ts', oldText: 'export ', newText: '', replaceAll: true },
    'Replaced 2 places of src/a.ts.',
  );
  await check('edit', { path: 'src/a.ts', oldText: 'const  one', newText: '' }, /It does with other spaces/);
  await check('edit', { path: 'src/deep/b.js', oldText: '";\nlet', newText: '' }, /Windows line ends/);
  await check('edit', { path: 'nope', oldText: 'a', newText: 'b' }, '! "nope" does not exist.');
});

test('write, move and delete change what they say and nothing else', async (t) => {
  const { check, folder } = open(t);
  await check('write', { path: 'new/folder/ä.txt', text: 'ä' }, 'Wrote 2 bytes to new/folder/ä.txt.');
  await check('move', { from: 'new/folder/ä.txt', to: 'src/a.ts' }, /exists already/);
  await check('move', { from: 'new/folder/ä.txt', to: 'new/b.txt' }, 'Moved new/folder/ä.txt to new/b.txt.');
  await check('move', { from: 'new', to: 'new/inside' }, '! "new" cannot be moved into itself.');
  await check('delete', { path: 'new' }, /is not empty/);
  await check('delete', { path: 'new', recursive: true }, 'Deleted new.');
  assert.equal(existsSync(join(folder, 'new')), false);
  await check('delete', { path: '.' }, '! "." is the workspace itself.');
});

test('nothing outside of the folder is reached, by no path and no link', async (t) => {
  const { check, folder } = open(t);
  symlinkSync('../outside', join(folder, 'link'));
  symlinkSync('../outside/new.txt', join(folder, 'dangling'));
  symlinkSync('loop', join(folder, 'loop'));
  for (const path of [
    '../outside/secret.txt',
    '/etc/passwd',
    'link/secret.txt',
    'src/../../outside/secret.txt',
    'link',
  ]) {
    await check('read', { path }, `! "${path}" is outside of the workspace.`);
    await check('search', { pattern: 'secret', path }, `! "${path}" is outside of the workspace.`);
  }
  await check('list', { path: 'link' }, /outside/);
  await check('write', { path: 'link/secret.txt', text: 'x' }, /outside/);
  await check('write', { path: 'link/a/b.txt', text: 'x' }, /outside/);
  await check('write', { path: 'dangling', text: 'x' }, /^!/);
  await check('edit', { path: 'link/secret.txt', oldText: 'secret', newText: 'x' }, /outside/);
  await check('move', { from: 'src/a.ts', to: 'link/a.ts' }, /outside/);
  await check('move', { from: 'link/secret.txt', to: 'mine.txt' }, /outside/);
  await check('delete', { path: 'link/secret.txt' }, /outside/);
  await check('read', { path: 'loop' }, /circle/);
  await check('read', { path: 'a\0b' }, /NUL/);
  await check('search', { pattern: 'secret' }, 'Nothing matches secret.');
  await check('delete', { path: 'link', recursive: true }, 'Deleted link.');
  assert.equal(readFileSync(join(folder, '../outside/secret.txt'), 'utf8'), 'secret');
  assert.equal(existsSync(join(folder, '../outside/new.txt')), false);
});

test('the server ends with its input in the middle of an endless search', async (t) => {
  const { tools } = open(t, { 'redos.txt': `${'a'.repeat(60)}\n` });
  const endless = tools.say('files_search', { pattern: '^(a+)+b$' });
  await tools.say('files_list', {}); // It answers while the search goes on.
  await tools.dispose();
  assert.match(await endless, /^! files_search got no answer/);
});

test('without Docker the server reads and nothing else', async (t) => {
  const folder = folderWith(sample);
  const launch = hostLauncher({ serversDir: servers.folder, folder: folder.path });
  const tools = toolsOver([
    openMcpServer({ name: 'files', launch, effectOf: () => 'read', callLimitMs: 30_000 }),
  ]);
  t.after(async () => {
    await tools.dispose();
    folder.remove();
  });
  const { tools: listed } = await tools.catalogue(AbortSignal.timeout(30_000), () => undefined);
  assert.deepEqual(
    listed.map(({ name }) => name),
    ['files_read', 'files_list', 'files_glob', 'files_search'],
  );
  assert.equal(await tools.say('files_read', { path: 'src/a.ts' }), sample['src/a.ts']);
  assert.match(await tools.say('files_search', { pattern: 'two' }), /^src\/a\.ts:2/);
  assert.match(await tools.say('files_write', { path: 'x', text: 'x' }), /^! There is no tool "files_write"/);
  assert.match(await tools.say('files_read', { path: '../x' }), /outside/);
});

test('without an engine the tools say what it would add; a resumed run waits for it', async (t) => {
  const before = process.env['DOCKER_HOST'];
  process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock';
  const folder = folderWith(sample);
  const tools = await openTools({ folder: folder.path, run: 'none' });
  t.after(async () => {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
    await tools.dispose();
    folder.remove();
  });
  const waiting = { code: 'docker-unreachable', action: 'Start Docker, then resume the run.' };
  // The catalogue of such a run is in its log, so a call may be the first that is heard of the server.
  await assert.rejects(tools.say('files_write', { path: 'x', text: '' }), waiting);
  const { tools: listed, notes } = await tools.catalogue(AbortSignal.timeout(30_000), () => undefined);
  assert.equal(listed.map(({ name }) => name).join(), 'files_read,files_list,files_glob,files_search');
  assert.equal(notes.length, 1);
  assert.match(
    notes[0] ?? '',
    /^The tools of shell are missing: The Docker engine at unix:\/\/\/nowhere\/docker\.sock does not answer/,
  );
  assert.equal(await tools.say('files_read', { path: 'no-newline.txt' }), 'a\nb');
  await assert.rejects(tools.say('files_write', { path: 'x', text: '' }), waiting);
  await assert.rejects(tools.say('shell_run', { command: 'true' }), waiting);
});

test('without Docker even a server gone wild cannot write, start programs or look around', async (t) => {
  const folder = folderWith({ 'a.txt': 'a' });
  const wild = folderWith({
    'files/server.mjs': `
      import fs from 'node:fs'; import { spawnSync } from 'node:child_process'; import { Worker } from 'node:worker_threads';
      const attempts = {
        read: () => fs.readFileSync(process.env.STRATA_ROOT + '/a.txt', 'utf8'),
        outside: () => fs.readFileSync('/etc/hostname'),
        list: () => fs.readdirSync('/'),
        write: () => fs.writeFileSync(process.env.STRATA_ROOT + '/b.txt', ''),
        spawn: () => spawnSync('ls'),
        addon: () => process.dlopen({ exports: {} }, '/x.node'),
        environment: () => Object.keys(process.env).sort().join(),
      };
      const said = {};
      for (const [name, attempt] of Object.entries(attempts)) try { said[name] = String(attempt()); } catch (error) { said[name] = error.code; }
      console.log(JSON.stringify(said));`,
  });
  t.after(() => {
    folder.remove();
    wild.remove();
  });
  const process = await hostLauncher({ serversDir: wild.path, folder: folder.path })(
    'files',
    AbortSignal.timeout(30_000),
  );
  let output = '';
  for await (const chunk of process.output) output += String(chunk);
  await process.stop();
  assert.deepEqual(JSON.parse(output), {
    read: 'a',
    outside: 'ERR_ACCESS_DENIED',
    list: 'ERR_ACCESS_DENIED',
    write: 'ERR_ACCESS_DENIED',
    spawn: 'ERR_ACCESS_DENIED',
    addon: 'ERR_DLOPEN_DISABLED',
    environment: 'ELECTRON_RUN_AS_NODE,STRATA_ROOT',
  });
});
