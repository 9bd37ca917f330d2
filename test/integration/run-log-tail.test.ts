import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunEventBody } from '../../extension/src/protocol/run-event.ts';
import { emptyFolder } from '../support/old-run-log.ts';

const START: Extract<RunEventBody, { readonly type: 'run.started' }> = {
  type: 'run.started',
  origin: { kind: 'user' },
  agent: 'coder',
  task: 'a task',
  folder: '/w',
  route: 'code',
  isolation: 'copy',
  input: { inline: 1 },
  strata: 'test',
};
const STEPS = 21;

function step(number: number): readonly [RunEventBody, RunEventBody] {
  const id = String(number);
  const common = { step: id, kind: 'chat', name: 'code', effect: 'read', inputHash: 'e'.repeat(64) } as const;
  const usage = { input: 10, output: 5 };
  const cost = { kind: 'priced', usd: 0.5 } as const;
  return [
    { type: 'step.started', ...common, input: { inline: number }, attempt: 1 },
    {
      ...{ type: 'step.finished', step: id, output: { inline: number }, durationMs: 1 },
      model: { provider: 'p', model: 'm', usage, cost },
    },
  ];
}

test('a list is right after every event, here, in another process, and after a resume', (t) => {
  const file = path.join(emptyFolder(t), 'runs.db');
  let clock = 0;
  const now = (): number => (clock += 1);
  const [writer, reader] = [openRunStore(file, now), openRunStore(file, now)];
  t.after(() => [writer, reader].forEach((store) => store.dispose()));
  let { lease } = writer.begin('r-1', START);
  let store = writer;
  let [steps, calls] = [0, 0];
  for (let number = 1; number <= STEPS; number += 1) {
    // Taken over in the middle of a step by one who has to find what stands behind the row.
    for (const body of step(number)) {
      if (body.type === 'step.finished' && number % 7 === 0) {
        store.release(lease);
        store = store === writer ? reader : writer;
        lease = store.acquire('r-1');
      }
      const [event] = store.append(lease, [body]);
      if (body.type === 'step.started') steps += 1;
      else calls += 1;
      for (const one of [writer, reader]) {
        const [listed] = one.list();
        assert.ok(listed);
        assert.deepEqual(
          [listed.steps, listed.calls, listed.tokens, listed.usd, listed.updatedAt],
          [steps, calls, calls * 15, calls * 0.5, event?.at],
        );
        assert.equal(one.find('r-1')?.bytes, listed.bytes);
      }
    }
  }
  const before = store.list()[0]?.bytes ?? 0;
  const texts = store.read('r-1').map((event) => JSON.stringify(event).length);
  assert.equal(
    before,
    texts.reduce((sum, length) => sum + length, 0),
  );
  store.append(lease, [{ type: 'run.finished', outcome: 'succeeded' }]);
  const raw = new DatabaseSync(file, { readOnly: true });
  t.after(() => raw.close());
  assert.deepEqual(
    { ...raw.prepare('SELECT status, last_seq, steps, calls FROM run').get() },
    { status: 'succeeded', last_seq: 2 * STEPS + 2, steps: STEPS, calls: STEPS },
    'the row of a run that has ended is whole',
  );
});

test('a lease that somebody else has taken writes nothing any more', (t) => {
  const store = openRunStore(path.join(emptyFolder(t), 'runs.db'), Date.now);
  t.after(() => store.dispose());
  const { lease } = store.begin('r-1', START);
  const [started, finished] = step(1);
  store.append(lease, [started]);
  store.release(lease);
  const taken = store.acquire('r-1');
  assert.throws(() => store.append(lease, [finished]), { code: 'lease-lost' });
  assert.equal(store.read('r-1').length, 2);
  assert.deepEqual(
    store.append(taken, [finished]).map(({ seq }) => seq),
    [3],
  );
});

test('values that only the newest events name are not taken for garbage', async (t) => {
  const file = path.join(emptyFolder(t), 'runs.db');
  const store = openRunStore(file, Date.now);
  t.after(() => store.dispose());
  const old = store.begin('r-old', START);
  const [started, finished] = step(1);
  const blob = store.putBlob('"kept"');
  store.append(old.lease, [{ ...started, input: { blob } } as RunEventBody, finished]);
  store.append(old.lease, [{ type: 'run.finished', outcome: 'succeeded' }]);
  store.release(old.lease);
  const { lease } = store.begin('r-new', START);
  store.append(lease, [{ ...started, input: { blob } } as RunEventBody]);
  store.remove('r-old');
  await store.prune({ days: 0, runs: 0, bytes: 0 }, Date.now(), new AbortController().signal);
  assert.equal(store.getBlob(blob), '"kept"');
});

test('another window is told of an event that no row says, of an end, and of what is said of a run later', async (t) => {
  const file = path.join(emptyFolder(t), 'runs.db');
  let clock = 0;
  const now = (): number => (clock += 1000);
  const [writer, reader] = [openRunStore(file, now), openRunStore(file, now)];
  t.after(() => [writer, reader].forEach((store) => store.dispose()));
  const { lease } = writer.begin('r-1', START);
  const { lease: other } = writer.begin('r-2', START);
  let told = Promise.withResolvers<readonly string[]>();
  const watching = reader.watch(20, (runs) => told.resolve(runs));
  t.after(() => watching.dispose());
  // The watch alone keeps no process alive.
  const alive = setTimeout(() => told.reject(new Error('nobody was told')), 20_000);
  t.after(() => clearTimeout(alive));
  for (const body of [
    step(1)[0],
    { type: 'run.finished', outcome: 'succeeded' },
    { type: 'run.rated', rating: { verdict: 'up' } },
  ] satisfies RunEventBody[]) {
    writer.append(lease, [body]);
    assert.deepEqual(await told.promise, ['r-1'], body.type);
    told = Promise.withResolvers();
  }
  writer.release(other);
});
