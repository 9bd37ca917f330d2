import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readDestinations } from '../../extension/src/core/observability/otlp-export/index.ts';
import { encodeMessage, EXPORT_RESPONSE } from '../../extension/src/core/observability/otlp-wire/index.ts';
import { createExporter, openOutbox } from '../../extension/src/node/otlp/index.ts';
import type { ExporterPorts } from '../../extension/src/node/otlp/index.ts';
import { startReceiver } from '../support/otlp-receiver/index.ts';
import type { Answer, Receiver, ReceivedRequest } from '../support/otlp-receiver/index.ts';
import { RecordedRun } from '../support/recorded-run.ts';
import * as runs from '../support/sample-runs.ts';

const HOUR = 3_600_000;

interface World {
  readonly receiver: Receiver;
  readonly notes: string[];
  /** What the clock says; it moves only when the test moves it. */
  now: number;
  /** A process of its own on the same outbox. */
  open(more?: Partial<ExporterPorts> & { readonly entry?: object }): ReturnType<typeof createExporter>;
}

async function worldOf(
  t: TestContext,
  given: readonly RecordedRun[],
  answer?: (request: ReceivedRequest, number: number) => Answer,
): Promise<World> {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-otlp-'));
  const receiver = await startReceiver(answer);
  const opened: ReturnType<typeof createExporter>[] = [];
  const notes: string[] = [];
  t.after(async () => {
    for (const one of opened) await one.dispose();
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const world: World = {
    receiver,
    notes,
    now: given[0]?.at ?? 0,
    open: ({ entry, ...more } = {}) => {
      const { destinations } = readDestinations([{ endpoint: receiver.origin, ...entry }], { content: true });
      const one = createExporter({
        outbox: openOutbox(path.join(folder, 'export.db')),
        destinations: () => destinations,
        events: (run) => given.find(({ id }) => id === run)?.events,
        getBlob: (id) => given.find(({ blobs }) => blobs.has(id))?.getBlob(id) ?? assert.fail(),
        secret: () => Promise.resolve(undefined),
        secrets: () => Promise.resolve(new Map()),
        now: () => world.now,
        chance: () => 1,
        after: () => ({ dispose: () => undefined }),
        note: (text) => notes.push(text),
        ...more,
      });
      opened.push(one);
      return one;
    },
  };
  return world;
}
const limit = () => AbortSignal.timeout(30_000);
const names = (requests: readonly ReceivedRequest[]) =>
  requests.flatMap(({ spans }) => spans.map(({ name }) => name));

test('a run arrives whole, as protobuf under gzip, and once', async (t) => {
  const run = runs.succeeded();
  const world = await worldOf(t, [run]);
  const exporter = world.open();
  exporter.add(run.id);
  await exporter.flush(limit());
  await exporter.flush(limit());
  const [request] = world.receiver.accepted;
  assert.equal(world.receiver.all.length, 1);
  assert.equal(request?.path, '/v1/traces');
  assert.equal(request.headers['content-type'], 'application/x-protobuf');
  assert.equal(request.headers['content-encoding'], 'gzip');
  assert.equal(request.spans.length, (run.view()?.steps.length ?? 0) + 1);
  assert.deepEqual(world.notes, []);
});

test('the same as JSON', async (t) => {
  const run = runs.succeeded();
  const world = await worldOf(t, [run]);
  const exporter = world.open({ entry: { protocol: 'http/json' } });
  exporter.add(run.id);
  await exporter.flush(limit());
  assert.equal(world.receiver.accepted[0]?.headers['content-type'], 'application/json');
  assert.equal(names(world.receiver.accepted)[0], 'invoke_agent coder');
});

test('a known secret never leaves, in no spelling', async (t) => {
  const secret = 'sk-live-0123456789"abc';
  const run = runs.begun(`Use the key ${secret}, or ${Buffer.from(secret).toString('base64')}`);
  run.append({ type: 'run.finished', outcome: 'succeeded', answer: { inline: { key: secret } } });
  const world = await worldOf(t, [run]);
  const exporter = world.open({
    entry: { protocol: 'http/json', headers: { 'x-key': '${secret:collector}' } },
    secrets: () => Promise.resolve(new Map([['anthropic', secret]])),
    secret: (name, origin) =>
      Promise.resolve(name === 'collector' && origin === world.receiver.origin ? 'collector-key' : undefined),
  });
  exporter.add(run.id);
  await exporter.flush(limit());
  const [request] = world.receiver.accepted;
  assert.equal(request?.headers['x-key'], 'collector-key');
  assert.match(request.text, /\[secret anthropic\]/);
  assert.doesNotMatch(request.text, /sk-live-0123456789/);
  assert.ok(!request.text.includes(Buffer.from(secret).toString('base64').slice(4, -4)));
});

test('a collector that is down for a day: nothing is lost, over restarts, and it is not asked all the time', async (t) => {
  const run = runs.succeeded();
  const other = runs.demo();
  let down = true;
  const world = await worldOf(t, [run, other], () => (down ? { status: 503 } : {}));
  let exporter = world.open();
  exporter.add(run.id);
  exporter.add(other.id);
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    await exporter.flush(limit());
    world.now += 60_000;
    if (minute === 700) {
      await exporter.dispose();
      exporter = world.open();
    }
  }
  assert.ok(
    world.receiver.all.length > 50 && world.receiver.all.length < 120,
    String(world.receiver.all.length),
  );
  // Said once by each of the two processes.
  assert.equal(world.notes.length, 2);
  assert.match(
    world.notes[0] ?? '',
    /Runs wait to be exported to http:\/\/127\.0\.0\.1:\d+: it answered 503/,
  );
  down = false;
  world.now += HOUR;
  await exporter.flush(limit());
  assert.deepEqual(
    names(world.receiver.accepted).filter((name) => name.startsWith('invoke_agent')),
    [run, other].map(({ events: [started] }) =>
      started?.type === 'run.started' ? `invoke_agent ${started.agent}` : '',
    ),
  );
});

test('nobody listens at all, and then somebody does', async (t) => {
  const run = runs.succeeded();
  const world = await worldOf(t, [run]);
  const gone = await startReceiver();
  await gone.close();
  const exporter = world.open({ entry: { endpoint: gone.origin } });
  exporter.add(run.id);
  await exporter.flush(limit());
  assert.match(world.notes.join(), /ECONNREFUSED/);
  const back = await startReceiver(undefined, gone.port);
  t.after(() => back.close());
  world.now += HOUR;
  await exporter.flush(limit());
  assert.equal(back.accepted.length, 1);
});

test('Retry-After is kept to', async (t) => {
  const run = runs.succeeded();
  const world = await worldOf(t, [run], (_, number) =>
    number === 1 ? { status: 429, headers: { 'retry-after': '3600' } } : {},
  );
  const exporter = world.open();
  exporter.add(run.id);
  const asked = async (later: number) => {
    world.now += later;
    await exporter.flush(limit());
    return world.receiver.all.length;
  };
  assert.deepEqual([await asked(0), await asked(HOUR - 1000), await asked(2000)], [1, 1, 2]);
});

test('spans that were rejected are told of and not sent again', async (t) => {
  const run = runs.succeeded();
  const partialSuccess = { rejectedSpans: '2', errorMessage: 'attribute too long' };
  const body = encodeMessage(EXPORT_RESPONSE, { partialSuccess });
  const world = await worldOf(t, [run], () => ({
    headers: { 'content-type': 'application/x-protobuf' },
    body,
  }));
  const exporter = world.open();
  exporter.add(run.id);
  await exporter.flush(limit());
  await exporter.flush(limit());
  assert.equal(world.receiver.all.length, 1);
  assert.match(world.notes.join(), /2 spans were rejected: attribute too long/);
});

test('what is too large is halved, then sent without content, then left out', async (t) => {
  const run = runs.succeeded();
  const count = (run.view()?.steps.length ?? 0) + 1;
  const some = await worldOf(t, [run], ({ spans }) => ({ status: spans.length > 3 ? 413 : 200 }));
  const exporter = some.open();
  exporter.add(run.id);
  await exporter.flush(limit());
  assert.equal(names(some.receiver.accepted).length, count);
  assert.deepEqual(new Set(names(some.receiver.accepted)).size > 5, true);

  const bare = await worldOf(t, [run], ({ text }) => ({
    status: text.includes('gen_ai.input.messages') ? 413 : 200,
  }));
  const second = bare.open();
  second.add(run.id);
  await second.flush(limit());
  assert.equal(names(bare.receiver.accepted).length, count);
  assert.match(bare.notes.join(), /content of a span was too large/);

  const never = await worldOf(t, [run], () => ({ status: 413 }));
  const third = never.open();
  third.add(run.id);
  await third.flush(limit());
  await third.flush(limit());
  assert.match(never.notes.join(), /a span was too large for the server and was left out/);
});

test('a wrong key keeps the runs, a request that is refused lets them go, and no redirect is followed', async (t) => {
  const run = runs.succeeded();
  let status = 401;
  const world = await worldOf(t, [run], () => ({ status, headers: { location: 'http://127.0.0.1:1/' } }));
  const exporter = world.open();
  const flushed = async (next: number) => {
    status = next;
    world.now += HOUR;
    await exporter.flush(limit());
  };
  exporter.add(run.id);
  await flushed(401);
  await flushed(302);
  await flushed(400);
  await flushed(200);
  assert.equal(world.receiver.all.length, 3);
  assert.match(world.notes.join('\n'), /answered 401[^]*answered 302[^]*refused: it answered 400/);
});

test('a server without gzip gets it plain', async (t) => {
  const run = runs.succeeded();
  const world = await worldOf(t, [run], ({ headers }) => ({
    status: headers['content-encoding'] ? 415 : 200,
  }));
  const exporter = world.open();
  exporter.add(run.id);
  await exporter.flush(limit());
  assert.equal(world.receiver.accepted.length, 1);
});

test('what was sent before a failure is not sent again', async (t) => {
  const run = runs.long(1200);
  const world = await worldOf(t, [run], (_, number) => ({ status: number === 2 ? 503 : 200 }));
  const exporter = world.open({ entry: { content: false } });
  exporter.add(run.id);
  await exporter.flush(limit());
  world.now += HOUR;
  await exporter.flush(limit());
  const sent = names(world.receiver.accepted);
  assert.equal(sent.length, (run.view()?.steps.length ?? 0) + 1);
  assert.equal(world.receiver.all.length, world.receiver.accepted.length + 1);
});

test('a run that was removed meanwhile, and one of somebody else, are passed over', async (t) => {
  const run = runs.succeeded();
  const imported = new RecordedRun('r-theirs', run.at).start('Theirs', 'theirs', {
    origin: { kind: 'import', source: 'LangGraph', trace: 'a'.repeat(32) },
  });
  const world = await worldOf(t, [run, imported]);
  const exporter = world.open();
  for (const id of ['r-gone', imported.id, run.id]) exporter.add(id);
  await exporter.flush(limit());
  assert.equal(world.receiver.all.length, 1);
});

test('the outbox has a limit, and says what it drops', async (t) => {
  const run = runs.succeeded();
  const world = await worldOf(t, [run], () => ({ status: 503 }));
  const exporter = world.open();
  for (let number = 0; number < 2001; number += 1) {
    world.now += 1;
    exporter.add(`r-${number}`);
  }
  assert.match(world.notes.join(), /Too many runs wait .* the oldest 1 will not be/);
});

test('two processes send a run once', async (t) => {
  const given = [runs.succeeded()];
  const world = await worldOf(t, given);
  const [one, two] = [world.open(), world.open()];
  one.add(given[0]?.id ?? '');
  await Promise.all([one.flush(limit()), two.flush(limit())]);
  assert.equal(world.receiver.all.length, 1);
});
