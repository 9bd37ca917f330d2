import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunFilter, RunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunEvent, RunEventBody, RunId } from '../../extension/src/protocol/run-event.ts';
import { emptyFolder, oldRunLog } from '../support/old-run-log.ts';
import { logAt, recordRun } from '../support/recorded-log.ts';

const HOUR = 3_600_000;
/** Noon of the calendar that hangs on the wall here. */
const NOON = new Date(2026, 5, 10, 12).getTime();

interface Plan {
  readonly at?: number;
  readonly agent?: string;
  readonly task?: string;
  readonly model?: string;
  readonly paths?: readonly string[];
  readonly fails?: 'call' | 'run';
  readonly parent?: RunId;
  readonly user?: string;
}

function eventsOf(run: RunId, plan: Plan): RunEvent[] {
  const { at = NOON, agent = 'coder', task = 'A task', model, paths, fails, parent, user } = plan;
  const origin = parent === undefined ? { kind: 'user' as const } : { kind: 'sub-run' as const, run: parent };
  const end = { type: 'step.finished', step: '1', output: { inline: 1 }, durationMs: 1 } as const;
  const cost = { kind: 'priced', usd: 0.1 } as const;
  const bodies: RunEventBody[] = [
    {
      ...{
        type: 'run.started',
        origin: origin.kind === 'user' ? origin : { ...origin, step: '1' },
        agent,
        task,
      },
      ...{ folder: '/w', route: 'code', isolation: 'copy', input: { inline: 1 }, strata: 'test' },
      ...(user === undefined ? {} : { user }),
    },
    ...(model === undefined
      ? []
      : [{ ...end, model: { provider: 'p', model, usage: { input: 1, output: 1 }, cost } } as const]),
    ...(paths ? [{ ...end, files: { before: 'a', after: 'b', paths } } as const] : []),
    ...(fails === 'call' ? [{ ...end, isError: true } as const] : []),
    { type: 'run.finished', outcome: fails === 'run' ? 'failed' : 'succeeded' },
  ];
  return bodies.map((body, index): RunEvent => ({ v: 4, run, seq: index + 1, at, ...body }));
}

function log(t: TestContext, runs: Readonly<Record<RunId, Plan>> = {}): RunStore {
  const { store } = logAt(path.join(emptyFolder(t), 'runs.db'));
  t.after(() => store.dispose());
  keep(store, runs);
  return store;
}

/** All in one transaction. */
function keep(store: RunStore, runs: Readonly<Record<RunId, Plan>>): void {
  const events = Object.entries(runs).flatMap(([run, plan]) => eventsOf(run, plan));
  if (events.length > 0) store.importRun({ events, blobs: new Map() });
}

const ids = (store: RunStore, filter: RunFilter): string =>
  store
    .list({ filter })
    .map(({ id }) => id)
    .join(' ');

test('runs are found by words, agent, state, model, what failed and when they began', (t) => {
  const store = log(t, {
    'r-1': { task: 'Fix the till', model: 'small', at: NOON },
    'r-2': { task: 'Write 100% of it', agent: 'writer', paths: ['src/Till.ts', 'b'], at: NOON + 1 },
    'r-3': { task: 'Look', fails: 'call', at: NOON + 2 },
    'r-4': { task: 'Look again', fails: 'run', at: NOON + 3 },
    'r-4-1': { task: 'Part', parent: 'r-4', model: 'large', at: NOON + 4 },
  });
  const check = (filter: RunFilter, found: string): void => assert.equal(ids(store, filter), found);
  check({}, 'r-4 r-3 r-2 r-1');
  check({ text: 'TILL' }, 'r-2 r-1');
  check({ text: '' }, 'r-4 r-3 r-2 r-1');
  check({ text: '0%' }, 'r-2');
  check({ text: '_' }, '');
  check({ text: "'; DROP TABLE run" }, '');
  check({ text: 'writ' }, 'r-2');
  check({ text: 'r-3' }, 'r-3');
  check({ agent: 'writer' }, 'r-2');
  check({ agent: 'WRITER' }, '');
  check({ status: ['failed'] }, 'r-4');
  check({ status: ['failed', 'succeeded'] }, 'r-4 r-3 r-2 r-1');
  check({ status: [] }, '');
  check({ model: 'p/small' }, 'r-1');
  check({ model: 'p/large' }, 'r-4');
  check({ model: 'p/none' }, '');
  check({ errors: true }, 'r-4 r-3');
  check({ errors: true, text: 'again' }, 'r-4');
  check({ from: NOON + 1, until: NOON + 3 }, 'r-3 r-2');
  assert.deepEqual(
    store.list().map(({ id, files }) => `${id} ${files}`),
    ['r-4 0', 'r-3 0', 'r-2 2', 'r-1 0'],
  );
  assert.deepEqual(store.groups.models(10), ['p/large', 'p/small']);
});

test('runs are found by who started them, also those that come from elsewhere', (t) => {
  const store = log(t, {
    'r-1': { user: 'Ada' },
    'r-2': { user: 'Bo', at: NOON + 1, fails: 'run' },
    'r-2-1': { user: 'Bo', parent: 'r-2', at: NOON + 2 },
    'r-3': { at: NOON + 3 },
  });
  assert.deepEqual(
    ['Ada', 'Bo', 'ada', ''].map((user) => ids(store, { user })),
    ['r-1', 'r-2', '', ''],
  );
  assert.equal(ids(store, { user: 'Bo', errors: true }), 'r-2');
  assert.deepEqual(store.groups.byStatus({ user: 'Bo' }), [{ key: 'failed', count: 1 }]);
  assert.deepEqual(store.groups.users(10), ['Bo', 'Ada']);
  assert.deepEqual(store.groups.users(1), ['Bo']);
  store.importRun(store.exportRun('r-1'), 'r-4');
  assert.equal(ids(store, { user: 'Ada' }), 'r-4 r-1');
  store.remove('r-2');
  assert.deepEqual(store.groups.users(10), ['Ada']);
});

test('a run whose process has died is interrupted, and no running one', (t) => {
  const store = log(t);
  recordRun(store, 'r-1', { end: 'running' });
  assert.equal(ids(store, { status: ['running'] }), 'r-1');
  assert.equal(ids(store, { status: ['interrupted'] }), '');
  recordRun(store, 'r-2', { end: 'running' });
  store.release({ run: 'r-2', fence: 1 });
  assert.equal(ids(store, { status: ['running'] }), 'r-1');
  assert.equal(ids(store, { status: ['interrupted'] }), 'r-2');
  assert.deepEqual(store.groups.byStatus({}), [
    { key: 'running', count: 1 },
    { key: 'interrupted', count: 1 },
  ]);
});

test('runs are put together by agent, state and day of the calendar', (t) => {
  const day = (offset: number): number => new Date(2026, 5, 10 + offset).getTime();
  const store = log(t, {
    'r-1': { at: day(-3) },
    'r-2': { at: day(-3) + HOUR, agent: 'writer' },
    'r-3': { at: day(0) - 1, fails: 'run' },
    'r-4': { at: day(0) },
    'r-4-1': { at: day(0) + 1, parent: 'r-4', agent: 'tester' },
    'r-5': { at: day(0) + 23 * HOUR },
  });
  const { groups } = store;
  assert.deepEqual(groups.byAgent({}), [
    { key: 'coder', count: 4 },
    { key: 'writer', count: 1 },
  ]);
  assert.deepEqual(groups.byStatus({}), [
    { key: 'failed', count: 1 },
    { key: 'succeeded', count: 4 },
  ]);
  assert.deepEqual(groups.byStatus({ status: ['failed'], agent: 'writer' }), []);
  const days = [
    { key: day(0), count: 2 },
    { key: day(-1), count: 1 },
    { key: day(-3), count: 2 },
  ];
  assert.deepEqual(groups.byDay({}, 10), days);
  assert.deepEqual(groups.byDay({}, 2), days.slice(0, 2));
  assert.deepEqual(groups.byDay({ agent: 'writer' }, 10), [{ key: day(-3), count: 1 }]);
  assert.deepEqual(groups.byDay({ from: day(-3) + 1, until: day(0) + 1 }, 10), [
    { key: day(0), count: 1 },
    { key: day(-1), count: 1 },
    { key: day(-3), count: 1 },
  ]);
});

test('what a run is found by goes with it, and comes again with it', (t) => {
  const store = log(t);
  recordRun(store, 'r-1', { changes: true });
  const exported = store.exportRun('r-1');
  assert.equal(ids(store, { text: 'c' }), 'r-1');
  assert.equal(store.list()[0]?.files, 1);
  store.remove('r-1');
  assert.deepEqual(store.groups.byAgent({}), []);
  recordRun(store, 'r-1');
  assert.equal(store.list()[0]?.files, 0);
  store.remove('r-1');
  store.importRun(exported);
  assert.equal(store.list()[0]?.files, 1);
});

test('a log of an older format is filtered like a new one', (t) => {
  for (const version of ['v1', 'v2', 'v3']) {
    const store = openRunStore(oldRunLog(emptyFolder(t), version), () => NOON);
    t.after(() => store.dispose());
    const runs = store.list();
    const models = store.groups.models(10);
    assert.ok(models.length > 0, version);
    const found = models.flatMap((model) => store.list({ filter: { model } }));
    const calling = runs.filter(({ calls }) => calls > 0).map(({ id }) => id);
    assert.deepEqual(new Set(found.map(({ id }) => id)), new Set(calling), version);
    assert.equal(
      store.groups.byStatus({}).reduce((sum, { count }) => sum + count, 0),
      runs.length,
    );
  }
});

/** Microseconds of CPU, the least of a few rounds: others work on this machine too. */
function cpuOf(work: () => unknown): number {
  const rounds = Array.from({ length: 7 }, () => {
    const before = process.cpuUsage();
    for (let time = 0; time < 10; time += 1) work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.min(...rounds);
}

test('a page of a view costs about the same of 100,000 runs as of 1,000', (t) => {
  const made = (count: number): RunStore => {
    const store = log(t);
    const kept: Record<RunId, Plan> = {};
    for (let n = 0; n < count; n += 1)
      kept[`r-${n.toString(36).padStart(16, '0')}`] = {
        ...{ at: NOON + n * 60_000, agent: `agent-${n % 7}`, task: `Task ${n}` },
        ...(n % 50 === 0 ? { fails: 'run' } : {}),
      };
    keep(store, kept);
    return store;
  };
  const [few, many] = [made(1000), made(100_000)];
  const pages: readonly ((store: RunStore) => readonly unknown[])[] = [
    (store) => store.list({ limit: 10 }),
    (store) => store.list({ limit: 10, filter: { agent: 'agent-3' } }),
    (store) => store.list({ limit: 10, filter: { status: ['failed'] } }),
    (store) => store.list({ limit: 10, filter: { status: ['running'] } }),
    (store) => store.groups.byDay({}, 1),
  ];
  for (const [number, page] of pages.entries()) {
    assert.equal(page(many).length, page(few).length);
    const ratio = cpuOf(() => page(many)) / cpuOf(() => page(few));
    assert.ok(ratio < 20, `page ${number}: ${ratio.toFixed(1)} times as much`);
  }
});
