import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

test('windows and terminals that open a new log at the same moment all get it', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-log-'));
  const round = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from(
    { length: 4 },
    () =>
      new Worker(new URL('../support/opening-worker.ts', import.meta.url), { workerData: { folder, round } }),
  );
  t.after(async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
    rmSync(folder, { recursive: true, force: true });
  });
  await Promise.all(workers.map((worker) => once(worker, 'online')));
  for (let number = 1; number <= 150; number += 1) {
    const reports = workers.map((worker) => once(worker, 'message'));
    Atomics.store(round, 0, number);
    Atomics.notify(round, 0);
    for (const [report] of await Promise.all(reports)) assert.equal(report, 'opened');
    const names = readdirSync(path.join(folder, String(number)));
    assert.deepEqual(
      names.filter((name) => name.includes('damaged')),
      [],
      'nobody takes it for damaged',
    );
  }
});
