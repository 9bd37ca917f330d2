import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createSecretFilter } from '../../extension/src/core/redaction/index.ts';
import {
  createLentChats,
  forkRun,
  replayRun,
  rerunRun,
  resumeRun,
  startRun,
} from '../../extension/src/core/orchestration/index.ts';
import { StrataError } from '../../extension/src/base/errors.ts';
import type { Message } from '../../extension/src/protocol/message.ts';
import { calls, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { SmallWorld, WorldOptions } from '../support/small-world.ts';

// Made up, and put together here, so that no scanner takes this file for a leak.
const mixed = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0';
const token = `ghp_${mixed}`;
const known = 'correct-horse-battery-7';
const printed = `TOKEN=${token}\nPASSWORD=${known}\n${'filler '.repeat(200)}`;

/** A model that reads a file with secrets, writes what it read, and tells of it. */
function world(
  t: TestContext,
  options: Partial<WorldOptions> = {},
): SmallWorld & { readonly seen: Message[][] } {
  const seen: Message[][] = [];
  const secrets = createSecretFilter();
  secrets.know('PASSWORD', known);
  const script = [
    calls('files_read', { path: 'env' }),
    calls('files_append', { path: 'a.txt', text: printed }),
    says(`The token is ${token}.`),
  ];
  const small = smallWorld({
    model: (messages) => {
      seen.push([...messages]);
      return script[messages.filter(({ role }) => role === 'assistant').length] ?? says('done');
    },
    callTool: (tool) =>
      tool === 'files_read' ? { content: [{ type: 'text', text: printed }], isError: false } : undefined,
    secrets,
    ...options,
  });
  t.after(() => small.dispose());
  return Object.assign(small, { seen });
}

/** Every byte of the log: the database, its write-ahead log, its index. */
function bytesOf({ log }: SmallWorld): string {
  const folder = path.dirname(log);
  const files = readdirSync(folder).filter((name) => name.startsWith(path.basename(log)));
  assert.ok(files.length >= 2, `${files.join(', ')}: the log is open, with a file beside it`);
  return files.map((name) => readFileSync(path.join(folder, name), 'latin1')).join('');
}

function clean(small: SmallWorld): void {
  const bytes = bytesOf(small);
  for (const secret of [mixed.slice(0, 12), known])
    assert.ok(!bytes.includes(secret), `${secret} is in the log`);
}

test('a secret that a tool prints and a model repeats is not in the log, and both had the real one', async (t) => {
  const small = world(t);
  const { run, ended } = startRun(small.environment, inputFor(`say what ${token} is for`));
  const end = await ended;
  assert.equal(end.status, 'succeeded');
  assert.match(JSON.stringify(small.seen.at(-1)), new RegExp(`${token}.*${known}`));
  assert.match(small.files.get('a.txt') ?? '', new RegExp(token));
  assert.match(bytesOf(small), /\[secret PASSWORD\]/);
  clean(small);
  assert.equal((await replayRun(small.store, run, () => undefined)).verdict, 'equal');
});

test('nor is it in the log of forks and reruns, which replay as they were', async (t) => {
  const small = world(t);
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  await ended;
  const edit = { text: `use ${token} and ${known}` };
  const last = small.store
    .read(run)
    .findLast((event) => event.type === 'step.finished' && event.step === '6');
  assert.ok(last);
  const again = [
    forkRun(small.environment, { run, step: '6' }),
    forkRun(small.environment, { run, step: '6', edit }),
    rerunRun(small.environment, run),
  ];
  for (const one of again) {
    assert.equal((await one.ended).status, 'succeeded');
    assert.equal((await replayRun(small.store, one.run, () => undefined)).verdict, 'equal');
  }
  clean(small);
});

test('an error that quotes a key is recorded without it', async (t) => {
  const small = world(t, {
    model: () => Promise.reject(new StrataError('auth', `401: ${token} is wrong.`, `Replace ${known}.`)),
  });
  const { ended } = startRun(small.environment, inputFor('do it'));
  assert.equal((await ended).status, 'failed');
  assert.match(bytesOf(small), /401: \[secret github token [0-9a-f]{6}\] is wrong/);
  clean(small);
});

test('a run that paused goes on in another process, which knows no more than the log', async (t) => {
  let down = true;
  const script = [
    calls('files_read', { path: 'env' }),
    calls('files_append', { path: 'a.txt', text: printed }),
  ];
  const small = world(t, {
    model: (messages) => {
      const turn = messages.filter(({ role }) => role === 'assistant').length;
      if (turn === 2 && down)
        throw new StrataError('network', 'Not reached.', 'Try again.', { passing: true });
      return script[turn] ?? says('done');
    },
  });
  const { run, ended } = startRun(small.environment, inputFor('do it'));
  assert.equal((await ended).status, 'paused');
  down = false;
  assert.equal((await resumeRun(small.environment, run).ended).status, 'succeeded');
  assert.equal((await replayRun(small.store, run, () => undefined)).verdict, 'equal');
  clean(small);
});

test('what was recorded before a value was known as a secret can be resumed, forked and replayed', async (t) => {
  const late = 'late-secret-123456';
  const secrets = createSecretFilter();
  let down = true;
  const long = `${late} ${'filler '.repeat(200)}`;
  const script = [
    calls('files_append', { path: 'a.txt', text: long }),
    calls('files_read', { path: 'a.txt' }),
  ];
  const small = world(t, {
    secrets,
    callTool: () => undefined,
    model: (messages) => {
      const turn = messages.filter(({ role }) => role === 'assistant').length;
      if (turn === 2 && down)
        throw new StrataError('network', 'Not reached.', 'Try again.', { passing: true });
      return script[turn] ?? says(`done with ${late}`);
    },
  });
  const { run, ended } = startRun(small.environment, inputFor('keep it'));
  assert.equal((await ended).status, 'paused');
  secrets.know('LATE', late);
  down = false;
  assert.equal((await resumeRun(small.environment, run).ended).status, 'succeeded');
  assert.equal((await replayRun(small.store, run, () => undefined)).verdict, 'equal');
  const fork = forkRun(small.environment, { run, step: '6' });
  assert.equal((await fork.ended).status, 'succeeded');
  assert.equal((await replayRun(small.store, fork.run, () => undefined)).verdict, 'equal');
});

test('a model that another program asks gets what that program said, and the log does not', async (t) => {
  const small = world(t, { model: (messages) => says(`You said ${JSON.stringify(messages)}`) });
  const chats = createLentChats(small.environment, 'vscode', () => undefined);
  const reply = await chats.ask(
    {
      route: 'code',
      messages: [{ role: 'user', content: [{ type: 'text', text: printed }] }],
      tools: [],
    },
    { signal: new AbortController().signal, onText: () => undefined, onReasoning: () => undefined },
  );
  assert.match(JSON.stringify(reply.message), new RegExp(`${token}.*${known}`));
  clean(small);
  assert.equal((await replayRun(small.store, reply.run, () => undefined)).verdict, 'equal');
});
