import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Json } from '../../extension/src/base/json.ts';
import { ruleMistakeText } from '../../extension/src/core/observability/alerts/index.ts';
import { openMetrics } from '../../extension/src/node/sqlite/index.ts';
import { postWebhook } from '../../extension/src/node/webhook.ts';
import type { RunEventBody } from '../../extension/src/protocol/run-event.ts';
import { WatchedFolder } from '../../extension/src/vscode/alerts/watched-folder.ts';
import { emptyFolder } from '../support/old-run-log.ts';
import { DAY_MS, logAt, recordRun } from '../support/recorded-log.ts';

const { signal } = new AbortController();

/** A folder with a real log, watched as a window does. */
function world(t: TestContext, settings: Json = {}) {
  const folder = emptyFolder(t);
  const file = path.join(folder, 'runs.db');
  const { store, clock } = logAt(file);
  const metrics = openMetrics(file, path.join(folder, 'metrics.db'));
  const watched = new WatchedFolder({
    ...{ folder, name: 'sample', settings: () => settings, handle: () => undefined },
    list: (limit) => store.list({ limit }),
    task: (run) => store.find(run)?.task,
    readRun: (run) => store.read(run),
    facts: (from, stop) => metrics.facts(from, { signal: stop }),
    budgetShare: () => Promise.resolve(undefined),
    leftContainers: () => Promise.resolve(4),
  });
  store.onDidAppend((events) => watched.take(events));
  t.after(() => {
    metrics.dispose();
    store.dispose();
  });
  const look = async (): Promise<string[]> =>
    (await watched.look(clock.now, signal)).map(({ level, name, run }) =>
      `${level} ${name} ${run ?? ''}`.trim(),
    );
  return { store, clock, watched, look, folder };
}

function toolCall(step: string, isError: boolean): RunEventBody[] {
  const id = {
    step,
    kind: 'tool',
    name: 'shell_run',
    effect: 'read',
    inputHash: step.padEnd(64, '0'),
  } as const;
  return [
    { type: 'step.started', ...id, input: { inline: 1 }, attempt: 1 },
    {
      type: 'step.finished',
      step,
      output: { inline: 1 },
      durationMs: 5,
      ...(isError ? { isError: true } : {}),
    },
  ];
}

test('a run that goes on is looked at while it does, and what fires is told once', async (t) => {
  const { store, clock, look, watched } = world(t);
  recordRun(store, 'r-1', { end: 'running' });
  assert.deepEqual(await look(), [], 'what stood there when the window opened is no news');
  assert.deepEqual(
    watched.shown().map(({ text }) => text),
    ['Containers are left over: 4, warning from 3.'],
  );
  const lease = { run: 'r-1', fence: 1 };
  for (const step of ['20', '21', '22']) store.append(lease, toolCall(step, true));
  assert.deepEqual(await look(), ['warning A tool keeps failing r-1']);
  assert.deepEqual(await look(), []);
  for (const step of ['23', '24', '25']) store.append(lease, toolCall(step, true));
  assert.deepEqual(await look(), ['alert A tool keeps failing r-1']);
  assert.equal(watched.shown()[0]?.level, 'alert');
  clock.now += 31 * 60_000;
  assert.deepEqual(await look(), ['warning A run takes long r-1']);
  store.append(lease, [...toolCall('26', false), { type: 'run.finished', outcome: 'succeeded' }]);
  clock.now += 16 * 60_000;
  await look();
  clock.now += 16 * 60_000;
  assert.deepEqual(await look(), []);
  assert.deepEqual(
    watched.shown().map(({ name }) => name),
    ['Containers are left over'],
  );
});

test('a person reads the task of a run, and what goes further names it by its id', async (t) => {
  const { store, clock, watched } = world(t);
  await watched.look(clock.now, signal);
  recordRun(store, 'r-1', { end: 'running' });
  clock.now += 31 * 60_000;
  const [fired] = await watched.look(clock.now, signal);
  assert.match(fired?.text ?? '', /^A run takes long \(“Task of r-1”\): 31 min/);
  assert.match(fired?.textWithIds ?? '', /^A run takes long \(r-1\): 31 min/);
  assert.match(watched.shown()[0]?.text ?? '', /“Task of r-1”/);
});

test('what was missed is read from the log: another process wrote it', async (t) => {
  const { store, clock, watched, look } = world(t);
  await look();
  const unheard = watched.take.bind(watched);
  watched.take = (events) => {
    if (events.length === 0) unheard(events);
  };
  recordRun(store, 'r-1', { end: 'running' });
  for (const step of ['20', '21', '22']) store.append({ run: 'r-1', fence: 1 }, toolCall(step, true));
  assert.deepEqual(await look(), []);
  watched.take([]);
  clock.now += 61_000;
  assert.deepEqual(await look(), ['warning A tool keeps failing r-1']);
});

test('the team and the user have rules; one that cannot be read is told and left out', async (t) => {
  const { watched, folder, store, clock } = world(t, {
    'Runs fail': false,
    mine: { measure: 'loop', warn: 'x' },
  });
  mkdirSync(path.join(folder, '.strata'));
  writeFileSync(
    path.join(folder, '.strata/alerts.jsonc'),
    '{ "rules": { "ours": { "measure": "tool-failures", "warn": 1, "do": ["webhook"] } } }',
  );
  await watched.readRules();
  const named = new Map(watched.rules.map((rule) => [rule.name, rule.from]));
  assert.deepEqual(
    [named.get('ours'), named.get('mine'), named.get('Runs fail')],
    ['.strata/alerts.jsonc', undefined, undefined],
  );
  assert.deepEqual(watched.mistakes.map(ruleMistakeText), [
    'strata.observability.alerts: line 5, column 5: "mine.warn" must be a number',
  ]);
  recordRun(store, 'r-1', { end: 'running' });
  store.append({ run: 'r-1', fence: 1 }, toolCall('20', true));
  const ours = watched.rules.find(({ name }) => name === 'ours');
  assert.ok(ours);
  const fired = await watched.preview(ours, 7, clock.now + DAY_MS, signal);
  assert.deepEqual(
    fired?.map(({ level, subject }) => `${level} ${subject}`),
    ['warning shell_run'],
  );
});

test('a webhook is posted to again while its server fails, and given up when it says no', async (t) => {
  const answers = [503, 429, 200, 403];
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      heard.push(`${request.method} ${request.headers['content-type']} ${body}`);
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address);
  const url = `http://127.0.0.1:${address.port}/hook/secret`;
  const options = { signal, retriesMs: [1, 1] };
  await postWebhook(url, { rule: 'x' }, options);
  assert.deepEqual(heard, Array<string>(3).fill('POST application/json {"rule":"x"}'));
  await assert.rejects(postWebhook(url, 1, options), (error: Error) => {
    assert.match(error.message, /did not take the alert: it answered with 403/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  assert.equal(heard.length, 4);
  server.close();
  await assert.rejects(postWebhook('http://127.0.0.1:1/', 1, options), { code: 'webhook-failed' });
  await assert.rejects(postWebhook('file:///etc/passwd', 1, options), { code: 'webhook-address' });
  await assert.rejects(postWebhook('', 1, options), { code: 'webhook-address' });
});
