import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { emptyFolder } from '../support/old-run-log.ts';
import { logAt, readWhole, recordRun } from '../support/recorded-log.ts';

function log(t: TestContext) {
  const { store, clock } = logAt(path.join(emptyFolder(t), 'runs.db'));
  t.after(() => store.dispose());
  return { store, clock };
}

test('a list holds the runs of people; sub-runs stand under theirs, and nothing is counted twice', (t) => {
  const { store } = log(t);
  recordRun(store, 'r-1', { turns: 2, subRuns: 2 });
  assert.deepEqual(
    store.list().map(({ id, parent, origin, steps, calls, tokens, usd }) => ({
      ...{ id, parent, origin, steps, calls, tokens, usd },
    })),
    [{ id: 'r-1', parent: undefined, origin: 'user', steps: 8, calls: 2, tokens: 30, usd: 1 }],
  );
  assert.deepEqual(
    store.list({ parent: 'r-1' }).map(({ id, parent, origin }) => ({ id, parent, origin })),
    ['r-1-4', 'r-1-3'].map((id) => ({ id, parent: 'r-1', origin: 'sub-run' })),
  );
  assert.deepEqual(store.endingWith('1-4'), ['r-1-4']);
});

test('changes wait for a decision until there is one', (t) => {
  const { store } = log(t);
  recordRun(store, 'r-1', { changes: true });
  assert.equal(store.list()[0]?.undecided, true);
  const lease = store.acquire('r-1');
  store.append(lease, [{ type: 'run.changes', decision: 'applied', paths: ['c'] }]);
  assert.equal(store.list()[0]?.undecided, false);
});

test('a run goes to another log with its sub-runs and all that they reach', (t) => {
  const [one, two] = [log(t).store, log(t).store];
  recordRun(one, 'r-1', { turns: 5, subRuns: 2 });
  const exported = one.exportRun('r-1');
  assert.equal(two.importRun(exported), 'r-1');
  assert.deepEqual(two.read('r-1'), one.read('r-1'));
  assert.deepEqual(two.read('r-1-6'), one.read('r-1-6'));
  assert.equal(readWhole(two, 'r-1'), readWhole(one, 'r-1'));
  assert.throws(() => two.importRun(exported), { code: 'run-exists' });
  assert.throws(() => two.exportRun('r-none'), { code: 'run-not-found' });
  assert.equal(two.importRun(exported, 'r-again'), 'r-again');
  assert.deepEqual(
    two.list({ parent: 'r-again' }).map(({ id }) => id),
    ['r-again-7', 'r-again-6'],
  );
  const child = two.read('r-again').find((event) => event.type === 'step.started' && event.kind === 'agent');
  assert.equal(child?.type === 'step.started' && child.child, 'r-again-6');
});

test('a run begins with the steps of another one in one transaction, or not at all', (t) => {
  const { store } = log(t);
  recordRun(store, 'r-1');
  const [started, ...rest] = store.read('r-1');
  assert.ok(started?.type === 'run.started');
  const told: number[] = [];
  store.onDidAppend((events) => told.push(events.length));
  const { event, events } = store.begin('r-2', started, rest);
  assert.equal(event, events[0]);
  assert.deepEqual(told, [rest.length + 1]);
  assert.deepEqual(
    store.read('r-2').map(({ run, seq }) => `${run} ${seq}`),
    events.map((_event, index) => `r-2 ${index + 1}`),
  );
  assert.throws(() => store.begin('r-2', started, rest));
  assert.equal(store.list().length, 2);
});
