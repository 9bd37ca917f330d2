import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { buildServers } from '../support/build-servers.ts';
import { asText, folderOf, gone, openServer } from '../support/server-child.ts';

let servers: Awaited<ReturnType<typeof buildServers>>;
before(async () => {
  servers = await buildServers(['shell']);
});
after(() => servers.remove());

async function open(t: TestContext) {
  const folder = folderOf(t, { 'sub/a.txt': 'a\n' });
  const server = await openServer(t, 'shell', { folder: servers.folder, root: folder });
  const run = (command: string, more = {}) => server.say('run', { command, ...more });
  return { folder, server, run };
}

test('a command gives its exit code and both outputs', async (t) => {
  const { run } = await open(t);
  assert.equal(
    await run('cat a.txt; echo err >&2; exit 3', { directory: 'sub' }),
    'exit code 3\n--- stdout ---\na\n\n--- stderr ---\nerr\n',
  );
  assert.equal(await run('true'), 'exit code 0\n(no output)');
  assert.equal(await run('cat'), 'exit code 0\n(no output)', 'there is no standard input');
  assert.match(await run('kill -9 $$'), /^killed by SIGKILL/);
  assert.equal(await run(' '), '! `command` must be a command line.');
  assert.equal(await run('true', { directory: '..' }), '! ".." is not a folder of the workspace.');
  assert.match(await run('true', { timeoutSeconds: 0 }), /^! `timeoutSeconds` must be a whole number/);
});

test('the description names the programs that are there', async (t) => {
  const { server } = await open(t);
  const [tool] = (await server.client.listTools()).tools;
  assert.match(tool?.description ?? '', /Besides the usual Unix commands there are: [a-z0-9, ]*\bnode\b/);
});

test('output is streamed while the command runs, and capped in the result', async (t) => {
  const { server, run } = await open(t);
  const pieces: string[] = [];
  const result = await server.call(
    'run',
    { command: 'for i in 1 2 3; do echo line $i; sleep 0.3; done' },
    { onOutput: (text) => pieces.push(text) },
  );
  assert.equal(asText(result), 'exit code 0\n--- stdout ---\nline 1\nline 2\nline 3\n');
  assert.ok(pieces.length > 1, JSON.stringify(pieces));
  assert.match(pieces.join(''), /^line 1\nline 2\n/);
  const flood = await run('head -c 5000000 /dev/zero | tr "\\0" x');
  assert.ok(flood.length < 100_000);
  assert.match(flood, /bytes left out/);
});

test('a limit or a cancelled call ends the command with everything it started', async (t) => {
  const { server, run, folder } = await open(t);
  const limited = await run('sleep 100 & echo $!; sleep 100', { timeoutSeconds: 1 });
  assert.match(limited, /^! timed out after 1 s and was killed\n--- stdout ---\n\d+\n/);
  await gone(Number(/\n(\d+)\n/.exec(limited)?.[1]));
  const cancel = new AbortController();
  const call = server.call(
    'run',
    { command: 'touch begun; sleep 2; touch finished' },
    { signal: cancel.signal },
  );
  call.catch(() => undefined);
  while (!existsSync(join(folder, 'begun'))) await delay(20);
  cancel.abort();
  await assert.rejects(call);
  await delay(2500);
  assert.equal(existsSync(join(folder, 'finished')), false);
});

test('what a command leaves behind ends with it, and what runs ends with the server', async (t) => {
  const { server, run } = await open(t);
  const left = await run('sleep 100 > /dev/null 2>&1 & echo $!');
  await gone(Number(/\n(\d+)\n/.exec(left)?.[1]));
  let pid = 0;
  const call = server.call(
    'run',
    { command: 'echo $$; exec sleep 100' },
    { onOutput: (text) => (pid ||= Number(text)) },
  );
  call.catch(() => undefined); // The server goes before it answers.
  while (pid === 0) await delay(20);
  await server.end();
  await gone(pid);
});
