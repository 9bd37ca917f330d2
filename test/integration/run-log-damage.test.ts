import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  readdirSync,
  statSync,
  truncateSync,
  openSync,
  writeSync,
  closeSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { RunStore } from '../../extension/src/node/sqlite/index.ts';
import { movedAsideText } from '../../extension/src/node/sqlite/moved-aside.ts';
import { emptyFolder } from '../support/old-run-log.ts';
import { logAt, readWhole, recordRun } from '../support/recorded-log.ts';

const RUNS = 50;

/** A log of 50 runs, each with a sub-run, that was closed in good order. */
function fullLog(t: TestContext): string {
  const file = path.join(emptyFolder(t), 'runs.db');
  const { store, clock } = logAt(file);
  for (let number = 0; number < RUNS; number += 1) {
    clock.now += 1000;
    recordRun(store, `r-${100 + number}`, { turns: 6, subRuns: 1 });
  }
  store.pin('r-107', true);
  store.dispose();
  return file;
}

function overwrite(file: string, from: number, bytes: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(bytes, 0xa5), 0, bytes, from);
  closeSync(handle);
}

function reopened(t: TestContext, file: string): RunStore {
  const { store } = logAt(file);
  t.after(() => store.dispose());
  return store;
}

/** Everything in the log can be read, and written to. Returns how many runs there are. */
function whole(store: RunStore): number {
  for (const { id } of store.list()) {
    readWhole(store, id);
    for (const part of store.list({ parent: id })) readWhole(store, part.id);
  }
  recordRun(store, 'r-after');
  return store.list().length - 1;
}

test('a few pages in the middle take no more with them than what stood on them', (t) => {
  const file = fullLog(t);
  overwrite(file, Math.floor(statSync(file).size / 4096 / 2) * 4096, 3 * 4096);
  writeFileSync(`${file}-suspect`, '');
  const store = reopened(t, file);
  assert.ok(store.movedAside);
  const { saved, lost, path: aside } = store.movedAside;
  assert.ok(saved >= RUNS - 12 && saved < RUNS, `${saved} saved`);
  assert.equal(lost, RUNS - saved);
  assert.ok(existsSync(aside));
  assert.equal(whole(store), saved);
  assert.match(
    movedAsideText(store.movedAside),
    new RegExp(`moved to .*runs.db.damaged-.*; ${saved} runs of it`),
  );
});

test('of a file that was cut to half, the first half is saved', (t) => {
  const file = fullLog(t);
  truncateSync(file, Math.floor(statSync(file).size / 2));
  const store = reopened(t, file);
  assert.ok(store.movedAside);
  assert.ok(store.movedAside.saved > 5, `${store.movedAside.saved} saved`);
  assert.equal(whole(store), store.movedAside.saved);
});

test('without its first page nothing is lost', (t) => {
  for (const bytes of [100, 4096]) {
    const file = fullLog(t);
    overwrite(file, 0, bytes);
    const store = reopened(t, file);
    assert.deepEqual(store.movedAside && { ...store.movedAside, path: '' }, {
      path: '',
      saved: RUNS,
      lost: 0,
    });
    assert.equal(store.list().find(({ pinned }) => pinned)?.id, 'r-107');
    assert.equal(whole(store), RUNS);
  }
});

test('of a file that is no log nothing is saved, and that is said', (t) => {
  const file = path.join(emptyFolder(t), 'runs.db');
  writeFileSync(file, 'no log, and long enough to be looked at as one. '.repeat(1000));
  const store = reopened(t, file);
  assert.equal(store.movedAside?.saved, 0);
  assert.equal(whole(store), 0);
  assert.deepEqual(
    readdirSync(path.dirname(file)).filter((name) => /copy|new/.test(name)),
    [],
  );
});

test('every page in turn: it opens, and what it has can be read whole', (t) => {
  const file = fullLog(t);
  const spare = `${file}.spare`;
  copyFileSync(file, spare);
  const pages = statSync(file).size / 4096;
  let tried = 0;
  for (let page = 1; page < pages; page += 37) {
    copyFileSync(spare, file);
    overwrite(file, page * 4096, 4096);
    writeFileSync(`${file}-suspect`, '');
    const { store } = logAt(file);
    const saved = whole(store);
    assert.equal(saved, store.movedAside?.saved ?? RUNS, `page ${page}`);
    store.dispose();
    tried += 1;
  }
  t.diagnostic(`${tried} pages`);
  assert.ok(tried > 5);
});

test('a log that was cut off anywhere in its last commits comes back to a commit', (t) => {
  const folder = emptyFolder(t);
  const file = path.join(folder, 'runs.db');
  const { store } = logAt(file);
  recordRun(store, 'r-1', { turns: 2 });
  store.dispose();
  const again = logAt(file).store;
  recordRun(again, 'r-2', { turns: 3, end: 'running' });
  const { size } = statSync(`${file}-wal`);
  const cut = path.join(folder, 'cut.db');
  let points = 0;
  let before = 0;
  for (let bytes = size % 100; bytes <= size; bytes += 100) {
    copyFileSync(file, cut);
    copyFileSync(`${file}-wal`, `${cut}-wal`);
    truncateSync(`${cut}-wal`, bytes);
    const { store: found } = logAt(cut);
    assert.equal(found.movedAside, undefined, `cut at ${bytes}`);
    const events = found.has('r-2') ? found.read('r-2').length : 0;
    assert.ok(events >= before, 'a longer log holds no less');
    before = events;
    readWhole(found, 'r-1');
    if (events > 0) readWhole(found, 'r-2');
    found.dispose();
    points += 1;
  }
  assert.equal(before, again.read('r-2').length);
  t.diagnostic(`${points} points tried`);
  again.dispose();
});
