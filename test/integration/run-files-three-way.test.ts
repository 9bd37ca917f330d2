import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Applied, ApplyOptions } from '../../extension/src/node/git/index.ts';
import { contents, live, start, without } from './run-files-world.ts';
import type { World } from './run-files-world.ts';

/** In a normal run one moment in so many is tried; `npm run test:soak` tries every one. */
const STRIDE = process.env['STRATA_SOAK'] === '1' ? 1 : 3;

const LINES = 'one\ntwo\nthree\nfour\nfive\n';
const BASE = {
  'lines.txt': LINES,
  'clean.txt': LINES,
  'gone-here': '1',
  'gone-there': '1',
  'other.txt': '1',
};

interface Dirty {
  readonly world: World;
  readonly result: string;
  /** The workspace before any apply. */
  readonly mine: Record<string, string>;
  apply(options?: ApplyOptions): Promise<Applied>;
}

/** A run and a user that both changed things since the run began. */
async function dirty(t: TestContext): Promise<Dirty> {
  const world = await start(t, BASE);
  await world.begin();
  world.writeCopy({
    'lines.txt': LINES.replace('two', 'run'),
    'clean.txt': LINES.replace('two', 'run'),
    'gone-here': 'run',
    'other.txt': 'run',
    'new/added.txt': 'run',
  });
  unlinkSync(join(world.copy, 'gone-there'));
  const result = await world.files.snapshot(live);
  world.write({
    'lines.txt': LINES.replace('two', 'mine'),
    'clean.txt': LINES.replace('five', 'mine'),
    'gone-there': 'mine',
  });
  unlinkSync(join(world.workspace, 'gone-here'));
  return {
    world,
    result,
    mine: contents(world.workspace),
    apply: (options) => world.files.apply({ base: world.base, result }, live, options),
  };
}

const CLEAN = LINES.replace('two', 'run').replace('five', 'mine');
const MARKED = LINES.replace('two', '<<<<<<< yours\nmine\n=======\nrun\n>>>>>>> run');
const CONFLICTS = [
  { path: 'gone-here', reason: 'It was deleted in the workspace.' },
  {
    path: 'gone-there',
    reason: 'The run deletes it, and it was changed in the workspace since the run began.',
  },
  { path: 'lines.txt', reason: 'You and the run changed the same lines.', merged: MARKED },
];

test('lines that only one side changed are merged', async (t) => {
  const world = await start(t, { 'a.txt': LINES });
  await world.begin();
  world.writeCopy({ 'a.txt': LINES.replace('two', 'run') });
  const result = await world.files.snapshot(live);
  world.write({ 'a.txt': LINES.replace('five', 'mine') });
  const applied = await world.apply(result);
  assert.deepEqual(applied.kind === 'applied' && [applied.written, applied.merged], [['a.txt'], ['a.txt']]);
  assert.deepEqual(contents(world.workspace), { 'a.txt': CLEAN });
  const again = await world.apply(result);
  assert.deepEqual(again.kind === 'applied' && [again.written, again.unchanged], [[], ['a.txt']]);
});

test('by default one conflict keeps everything from being written, and shows the text with markers', async (t) => {
  const { world, mine, apply } = await dirty(t);
  assert.deepEqual(await apply(), { kind: 'conflict', conflicts: CONFLICTS });
  assert.deepEqual(contents(world.workspace), mine);
});

const RULES: readonly (readonly [NonNullable<ApplyOptions['conflicts']>, Record<string, string>])[] = [
  ['mark', { 'lines.txt': MARKED, 'gone-there': 'mine' }],
  ['ours', { 'lines.txt': LINES.replace('two', 'mine'), 'gone-there': 'mine' }],
  ['theirs', { 'lines.txt': LINES.replace('two', 'run'), 'gone-here': 'run' }],
];

for (const [conflicts, expected] of RULES) {
  test(`conflicts: ${conflicts} decides them, says so, and can be undone`, async (t) => {
    const { world, mine, apply } = await dirty(t);
    const applied = await apply({ conflicts });
    const after = { 'clean.txt': CLEAN, 'new/added.txt': 'run', 'other.txt': 'run', ...expected };
    assert.ok(applied.kind === 'applied' && applied.undo);
    assert.deepEqual(applied.decided, CONFLICTS);
    assert.deepEqual(sorted(contents(world.workspace)), sorted(after));
    const again = await apply({ conflicts });
    assert.deepEqual(again.kind === 'applied' && [...again.written, ...again.deleted], []);
    assert.deepEqual(again.kind === 'applied' && again.undo, applied.undo, 'still undone as a whole');
    const undone = await world.files.undoApply(applied.undo, live);
    assert.equal(undone.kind, 'applied');
    assert.deepEqual(contents(world.workspace), mine);
  });
}

test('nothing is undone once a file is no longer as the apply left it', async (t) => {
  const { world, apply } = await dirty(t);
  const applied = await apply({ conflicts: 'ours' });
  assert.ok(applied.kind === 'applied' && applied.undo);
  world.write({ 'other.txt': 'mine again' });
  const before = contents(world.workspace);
  assert.deepEqual(await world.files.undoApply(applied.undo, live), {
    kind: 'conflict',
    conflicts: [{ path: 'other.txt', reason: 'It was changed in the workspace since then.' }],
  });
  assert.deepEqual(contents(world.workspace), before);
});

test('no rule clears away what stands where the run has a file', async (t) => {
  const world = await start(t, { 'a.txt': '1' });
  await world.begin();
  world.writeCopy({ 'a.txt': '2', 'sub/deep.txt': '2', folder: '2' });
  const result = await world.files.snapshot(live);
  symlinkSync('/etc', join(world.workspace, 'sub'));
  mkdirSync(join(world.workspace, 'folder'));
  world.write({ 'folder/mine': 'mine' });
  const changes = { base: world.base, result };
  const refused = await world.files.apply(changes, live, { conflicts: 'theirs' });
  assert.deepEqual(refused.kind === 'conflict' && refused.conflicts.map(({ path }) => path), [
    'folder',
    'sub/deep.txt',
  ]);
  const applied = await world.files.apply(changes, live, { conflicts: 'ours' });
  assert.deepEqual(applied.kind === 'applied' && applied.written, ['a.txt']);
});

test('what the user kept as a file is no folder for the run, and the rest is written', async (t) => {
  const world = await start(t, { thing: '1', 'a.txt': '1' });
  await world.begin();
  rmSync(join(world.copy, 'thing'));
  world.writeCopy({ 'thing/inner': '2', 'a.txt': '2' });
  const result = await world.files.snapshot(live);
  world.write({ thing: 'mine' });
  const applied = await world.files.apply({ base: world.base, result }, live, { conflicts: 'ours' });
  assert.deepEqual(applied.kind === 'applied' && applied.decided.map(({ path }) => path), [
    'thing',
    'thing/inner',
  ]);
  assert.deepEqual(contents(world.workspace), { 'a.txt': '2', thing: 'mine' });
});

test('a run that went on after its changes were applied is applied again from where the user was', async (t) => {
  const { world, apply } = await dirty(t);
  await apply({ conflicts: 'mark' });
  world.writeCopy({ 'clean.txt': LINES.replace('two', 'run').replace('three', 'run on') });
  const further = await world.files.snapshot(live);
  const applied = await world.files.apply({ base: world.base, result: further }, live, { conflicts: 'mark' });
  assert.deepEqual(applied.kind === 'applied' && applied.written, ['clean.txt']);
  assert.equal(contents(world.workspace)['clean.txt'], CLEAN.replace('three', 'run on'));
  assert.equal(contents(world.workspace)['lines.txt'], MARKED, 'not marked twice');
});

test('killed at any moment of the writing, applying again finishes it and undo brings all of it back', async (t) => {
  for (const conflicts of ['mark', 'theirs'] as const) {
    let finished = false;
    for (let call = 1; !finished; call += STRIDE) {
      const { world, result, mine, apply } = await dirty(t);
      finished = applyAndDie(world, result, conflicts, call);
      const applied = await apply({ conflicts });
      assert.ok(applied.kind === 'applied' && applied.undo, `call ${call}: ${JSON.stringify(applied)}`);
      const expected = RULES.find(([rule]) => rule === conflicts)?.[1];
      const after = { 'clean.txt': CLEAN, 'new/added.txt': 'run', 'other.txt': 'run', ...expected };
      assert.deepEqual(sorted(contents(world.workspace)), sorted(after), `killed at call ${call}`);
      assert.equal((await world.files.undoApply(applied.undo, live)).kind, 'applied');
      assert.deepEqual(contents(world.workspace), mine, `undone after a kill at call ${call}`);
      assert.ok(call < 30, 'it ends');
      if (finished) assert.ok(call > 5, `only ${call} moments were tried`);
    }
  }
});

test('versions are read from snapshots', async (t) => {
  const world = await start(t, { 'a/b.txt': '1', 'new\nline': '2' });
  symlinkSync('a/b.txt', join(world.workspace, 'link'));
  writeFileSync(Buffer.from([...Buffer.from(`${world.workspace}/`), 0x66, 0xff]), 'raw');
  await world.begin();
  const read = async (path: string): Promise<string | undefined> =>
    (await world.files.readFile(world.base, path))?.toString();
  assert.deepEqual(await Promise.all(['a/b.txt', 'new\nline', 'link', 'f\ufffd', 'a', 'none'].map(read)), [
    '1',
    '2',
    'a/b.txt',
    'raw',
    undefined,
    undefined,
  ]);
});

/** True when the apply ended before it came to the given rename or deletion. */
function applyAndDie(world: World, result: string, conflicts: string, call: number): boolean {
  const options = { workspace: world.workspace, storageDir: world.storage, run: 'r-1', isolation: 'copy' };
  const source = new URL('../../extension/src/node/git/index.ts', import.meta.url).href;
  const script = `
    import fs from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    let calls = 0;
    for (const name of ['rename', 'unlink']) {
      const real = fs[name];
      fs[name] = async (...args) => {
        calls += 1;
        if (calls === ${call}) process.kill(process.pid, 'SIGKILL');
        return real(...args);
      };
    }
    syncBuiltinESMExports();
    const { openRunFiles } = await import(${JSON.stringify(source)});
    const files = await openRunFiles(${JSON.stringify(options)});
    const changes = ${JSON.stringify({ base: world.base, result })};
    await files.apply(changes, new AbortController().signal, ${JSON.stringify({ conflicts })});`;
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  assert.ok(ended.status === 0 || ended.signal === 'SIGKILL', ended.stderr);
  return ended.status === 0;
}

function sorted(files: Record<string, string>): Record<string, string> {
  return without(Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))));
}
