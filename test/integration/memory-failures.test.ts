import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import type { Memory } from '../../extension/src/core/memory/index.ts';
import { found, limit, memoryProcesses, place } from './memory-fixture.ts';

const code = (name: string): string =>
  `export function handle${name}(request) {\n  const marker = '${name}';\n  return marker;\n}\n`;
/** A word that stands in one file only. */
const wordOf = (file: number): string =>
  `zq${String.fromCharCode(97 + (file % 26), 97 + Math.trunc(file / 26))}k`;

/** Files of twelve functions each. */
const files = (count: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `src/file${String(at)}.js`,
      Array.from({ length: 12 }, (_, part) => code(`_${wordOf(at)}_${String(part)}`)).join('\n'),
    ]),
  );

/** For each word, where it is found. */
async function everything(memory: Memory, count: number): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < count; at++) {
    const hits = await memory.search(wordOf(at), { limit: 50, signal: limit() });
    const lines = hits.map((hit) => hit.startLine).sort((a, b) => a - b);
    found.push(`${hits[0]?.path ?? 'nowhere'}: ${lines.join(' ')}`);
  }
  return found;
}

const NEEDS_PROC = 'needs /proc to find the memory process';

function killAll(): void {
  for (const pid of memoryProcesses() ?? []) process.kill(pid, 'SIGKILL');
}

test('a process that is killed while indexing leaves what the next run completes, without duplicates', async (t) => {
  if (memoryProcesses() === undefined) {
    t.skip(NEEDS_PROC);
    return;
  }
  const { folder, open, write, remove } = place(t);
  write(files(150));
  const memory = open();
  let killed = 0;
  for (const reached of [1, 75, 149]) {
    const onProgress = ({ done }: { readonly done: number }): void => {
      if (done >= reached) killAll();
    };
    await memory.index({ signal: limit(), onProgress }).catch((error: unknown) => {
      assert.equal(isStrataError(error) && error.code, 'memory-stopped');
      killed++;
    });
  }
  assert.ok(killed > 0);
  remove('src/file7.js');
  write({ 'src/file8.js': code('Only') });
  const report = await memory.index({ signal: limit() });
  const fresh = place(t);
  rmSync(fresh.folder, { recursive: true });
  cpSync(folder, fresh.folder, { recursive: true });
  const other = fresh.open();
  const expected = await other.index({ signal: limit() });
  assert.deepEqual([report.files, report.chunks], [expected.files, expected.chunks]);
  assert.deepEqual(await everything(memory, 150), await everything(other, 150));
});

test('a search that is under way when the process dies is asked again; an index run says what happened', async (t) => {
  const { open, write } = place(t);
  if (memoryProcesses() === undefined) {
    t.skip(NEEDS_PROC);
    return;
  }
  write(files(300));
  const memory = open();
  const { promise: started, resolve } = Promise.withResolvers<undefined>();
  const run = memory.index({
    signal: limit(),
    onProgress: () => {
      resolve(undefined);
    },
  });
  const failed = assert.rejects(run, { code: 'memory-stopped' });
  await started;
  const search = memory.search('marker', { limit: 3, signal: limit() });
  killAll();
  await failed;
  assert.ok(Array.isArray(await search));
  assert.equal((await memory.index({ signal: limit() })).files, 300);
});

test('two memories on one folder: one writes, both read, nothing twice', async (t) => {
  const { open, write } = place(t);
  write(files(150));
  const [one, two] = [open(), open()];
  const reports = await Promise.all([one.index({ signal: limit() }), two.index({ signal: limit() })]);
  assert.deepEqual(
    reports.map((report) => report.chunks),
    [1_800, 1_800],
  );
  assert.deepEqual(
    reports.map((report) => report.changed).sort((a, b) => a - b),
    [0, 150],
    'the second run finds all done',
  );
  write({ 'src/added.js': code('Added') });
  await one.index({ signal: limit() });
  assert.deepEqual(await found(two, 'added'), ['src/added.js:1-4 handleAdded']);
  const episode = (run: string) => ({
    run,
    at: 1,
    agent: 'a',
    task: `task ${run}`,
    outcome: 'completed',
    answer: '',
    files: [],
    failures: [],
  });
  await Promise.all(
    ['a', 'b', 'c', 'd'].flatMap((run) => [one.remember(episode(run)), two.remember(episode(run))]),
  );
  assert.equal((await one.stats()).episodes, 4);
});

test('a writer that waits too long for another says so', async (t) => {
  const { open, write } = place(t);
  write(files(400));
  const [one, two] = [open(), open({ limits: { lockWait: 0 } })];
  await Promise.all([one.stats(), two.stats()]);
  const { promise: started, resolve } = Promise.withResolvers<undefined>();
  const run = one.index({
    signal: limit(),
    onProgress: () => {
      resolve(undefined);
    },
  });
  await started;
  await assert.rejects(two.index({ signal: limit() }), { code: 'memory-busy' });
  assert.equal((await run).files, 400);
  assert.equal((await two.index({ signal: limit() })).changed, 0);
});

test('a store that is damaged, unfinished or newer is set aside and built anew', async (t) => {
  const { storageDir, open, write } = place(t);
  write({ 'a.js': code('Kept') });
  const first = open();
  await first.index({ signal: limit() });
  await first.remember({
    run: 'r',
    at: 1,
    agent: 'a',
    task: 'precious',
    outcome: 'completed',
    answer: '',
    files: [],
    failures: [],
  });
  await first.dispose();

  let memory = open();
  const rebuilt = async (name: string, damage: () => void, notes: RegExp): Promise<void> => {
    await memory.dispose();
    damage();
    memory = open();
    const report = await memory.index({ signal: limit() });
    assert.match(report.notes?.join('\n') ?? '', notes, name);
    assert.deepEqual(await found(memory, 'kept'), ['a.js:1-4 handleKept'], name);
    assert.equal((await memory.index({ signal: limit() })).notes, undefined, name);
  };
  const chunks = path.join(storageDir, 'chunks');
  await rebuilt(
    'newer',
    () => writeFileSync(path.join(chunks, 'schema.json'), '{"version":99}'),
    /newer version of Strata/,
  );
  await rebuilt(
    'half a JSON file',
    () => writeFileSync(path.join(chunks, 'schema.json'), '{"ver'),
    /unfinished or is damaged/,
  );
  await rebuilt(
    'no table',
    () => rmSync(path.join(chunks, 'chunks.lance'), { recursive: true }),
    /is damaged/,
  );
  await rebuilt(
    'cut data',
    () => cutData(path.join(chunks, 'chunks.lance', 'data')),
    /damaged|could not be read/,
  );
  await rebuilt(
    'places that are none',
    () => {
      for (const name of ['places.db-wal', 'places.db-shm']) rmSync(path.join(chunks, name), { force: true });
      writeFileSync(path.join(chunks, 'places.db'), 'no database '.repeat(1_000));
    },
    /is damaged/,
  );
  await rebuilt(
    'a file in its place',
    () => {
      rmSync(chunks, { recursive: true });
      writeFileSync(chunks, 'no folder');
    },
    /damaged/,
  );
  assert.equal(
    (await memory.recall('precious', { limit: 1, signal: limit() })).length,
    1,
    'episodes are a store of their own',
  );
  writeFileSync(path.join(storageDir, 'chunks.lock'), 'no database '.repeat(100));
  assert.equal((await memory.index({ signal: limit() })).changed, 0);
});

function cutData(directory: string): void {
  for (const name of readdirSync(directory)) truncateSync(path.join(directory, name), 10);
}

test('a search in a damaged store says what to do, and the next index run does it', async (t) => {
  const { storageDir, open, write } = place(t);
  write({ 'a.js': code('Kept') });
  const memory = open();
  await memory.index({ signal: limit() });
  cutData(path.join(storageDir, 'chunks', 'chunks.lance', 'data'));
  await memory.dispose();
  const again = open();
  await assert.rejects(again.search('kept', { limit: 1, signal: limit() }), { code: 'memory-damaged' });
  assert.equal((await again.index({ signal: limit() })).changed, 1);
  assert.equal((await found(again, 'kept')).length, 1);
});

test('where LanceDB cannot load, every call says so and why', async (t) => {
  const { open, storageDir } = place(t);
  const missing = open({ nativeModule: path.join(storageDir, 'no-such.node') });
  const calls = [
    () => missing.search('x', { limit: 1, signal: limit() }),
    () => missing.index({ signal: limit() }),
    () => missing.recall('x', { limit: 1, signal: limit() }),
    () => missing.stats(),
    () =>
      missing.remember({
        run: 'r',
        at: 1,
        agent: 'a',
        task: '',
        outcome: '',
        answer: '',
        files: [],
        failures: [],
      }),
  ];
  for (const call of calls)
    await assert.rejects(call(), { code: 'memory-unavailable', message: /LanceDB.*no-such\.node/ });
  const noChild = open({ childPath: path.join(storageDir, 'no-such-child.cjs') });
  await assert.rejects(noChild.stats(), {
    code: 'memory-unavailable',
    message: /ended with code 1: .*Cannot find module.*no-such-child/,
  });
});

test('a workspace that is gone leaves the index as it was', async (t) => {
  const { folder, open, write } = place(t);
  write({ 'a.js': code('Kept') });
  const memory = open();
  await memory.index({ signal: limit() });
  rmSync(folder, { recursive: true });
  await assert.rejects(memory.index({ signal: limit() }), { code: 'memory-folder-unreadable' });
  assert.equal((await found(memory, 'kept')).length, 1);
});

test('storage that cannot be written', async (t) => {
  const { folder, open, write } = place(t);
  write({ 'a.js': code('Kept') });
  const memory = open({ storageDir: path.join(folder, 'a.js', 'below-a-file') });
  assert.deepEqual(await found(memory, 'kept'), []);
  await assert.rejects(memory.index({ signal: limit() }), { code: 'memory-storage-unwritable' });
});

test('a full disk, and then room again', async (t) => {
  const disk = smallDisk(t);
  if (disk === undefined) {
    t.skip('needs the right to mount a small file system');
    return;
  }
  const { open, write } = place(t, undefined);
  const storageDir = path.join(disk, 'storage');
  write({ 'a.js': code('Kept') });
  const memory = open({ storageDir });
  await memory.index({ signal: limit() });
  writeFileSync(path.join(disk, 'ballast'), Buffer.alloc(7_300_000));
  write(files(300));
  await assert.rejects(memory.index({ signal: limit() }), { code: 'memory-storage-full' });
  assert.equal((await found(memory, 'kept')).length, 1, 'the old index can still be searched');
  rmSync(path.join(disk, 'ballast'));
  const report = await memory.index({ signal: limit() });
  assert.deepEqual([report.files, report.chunks, report.notes], [301, 3_601, undefined]);
  await memory.dispose();
});

function smallDisk(t: TestContext): string | undefined {
  const directory = mkdtempSync(path.join(tmpdir(), 'strata-disk-'));
  const disk = path.join(directory, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(directory, { recursive: true });
  });
  return disk;
}

test('disposing leaves no process, and later calls say so', async (t) => {
  const { open, write } = place(t);
  write(files(200));
  const memory = open();
  const before = memoryProcesses()?.length ?? 0;
  const run = memory.index({ signal: limit() });
  await memory.stats();
  await Promise.all([memory.dispose(), memory.dispose(), assert.rejects(run, { code: 'memory-closed' })]);
  await assert.rejects(memory.stats(), { code: 'memory-closed' });
  const starting = open();
  const early = starting.stats();
  await Promise.all([starting.dispose(), assert.rejects(early, { code: 'memory-closed' })]);
  if (memoryProcesses() === undefined) {
    t.skip(NEEDS_PROC);
    return;
  }
  assert.equal(memoryProcesses()?.length, before);
});
