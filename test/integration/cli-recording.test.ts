import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { cliWorld } from '../support/cli.ts';
import type { CliWorld } from '../support/cli.ts';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.cjs');

/** A workspace with one recorded run of the explorer, whose tools only read. */
async function withRecording(t: TestContext): Promise<{ world: CliWorld; file: string }> {
  const world = cliWorld(t, { sample: true });
  const ran = await world.strata('run', 'explorer', 'Where are the discounts?');
  assert.equal(ran.code, 0, ran.err);
  const saved = await world.strata('record', 'last');
  assert.equal(saved.code, 0, saved.err);
  const file = path.join(world.workspace, '.strata/replays/where-are-the-discounts.strata-run');
  assert.match(saved.out, /where-are-the-discounts\.strata-run/);
  return { world, file };
}

test('a recorded run is checked from its file, without log, home or network', async (t) => {
  const { world, file } = await withRecording(t);
  const elsewhere = mkdtempSync(path.join(tmpdir(), 'strata-check-'));
  t.after(() => rmSync(elsewhere, { recursive: true, force: true }));
  // A home that cannot be made: its parent is a file.
  const blocked = path.join(elsewhere, 'blocked');
  writeFileSync(blocked, '');
  const copy = path.join(elsewhere, 'copy.strata-run');
  writeFileSync(copy, readFileSync(file));
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'replay', '--check', copy], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', STRATA_HOME: path.join(blocked, 'home') },
    cwd: elsewhere,
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^✔ copy\.strata-run {2}\d+ steps\n\n1 recording, none failed\n$/);
  assert.deepEqual(readdirSync(elsewhere).sort(), ['blocked', 'copy.strata-run']);
  assert.ok(world.home !== elsewhere);
});

test('an edited result fails the check, with both sides, and the others are checked all the same', async (t) => {
  const { world, file } = await withRecording(t);
  const text = readFileSync(file, 'utf8');
  const result = /^ +src\/discounts\.js:.*$/m.exec(text)?.[0];
  assert.ok(result);
  const edited = path.join(world.workspace, '.strata/replays/a-edited.strata-run');
  writeFileSync(edited, text.replace(result, `${result} EDITED`));
  writeFileSync(
    path.join(world.workspace, '.strata/replays/b-damaged.strata-run'),
    'strata-run: 1\nruns: 7\n',
  );
  const { code, out } = await world.strata('replay', '--check');
  assert.equal(code, 1);
  assert.match(out, /✖ .*a-edited\.strata-run:\d+ {2}The replay diverges at step \d+ \(Model call \w+\)/);
  assert.match(out, /recorded {2}Model call/);
  assert.match(out, /replayed {2}Model call/);
  assert.match(out, /EDITED/);
  assert.match(out, /✖ .*b-damaged\.strata-run\n.*b-damaged\.strata-run:2: runs: /);
  assert.match(out, /✔ .*where-are-the-discounts\.strata-run/);
  assert.match(out, /3 recordings, 2 failed/);

  const asJson = await world.strata('replay', '--check', '--json');
  const { checked, failed, recordings } = JSON.parse(asJson.out) as {
    checked: number;
    failed: number;
    recordings: { ok: boolean; check?: { divergence?: { actual: string } } }[];
  };
  assert.deepEqual(
    { checked, failed, oks: recordings.map(({ ok }) => ok) },
    { checked: 3, failed: 2, oks: [false, false, true] },
  );
  assert.match(recordings[0]?.check?.divergence?.actual ?? '', /EDITED/);
});

test('a folder without recordings does not pass a check', async (t) => {
  const world = cliWorld(t);
  const { code, err } = await world.strata('replay', '--check');
  assert.equal(code, 1);
  assert.match(err, /no recording in .*\.strata\/replays/);
});

test('a recording is not written over by a run of the same task', async (t) => {
  const { world, file } = await withRecording(t);
  const before = readFileSync(file, 'utf8');
  const again = await world.strata('record', 'last');
  assert.equal(again.code, 1);
  assert.match(again.err, /already/);
  assert.equal(readFileSync(file, 'utf8'), before);
  const other = path.join(world.workspace, 'other.strata-run');
  assert.equal((await world.strata('record', 'last', '--out', other)).code, 0);
  assert.equal(readFileSync(other, 'utf8'), before);
});

test('a run is exported to one file of its own format, whatever it is replaced by', async (t) => {
  const { world } = await withRecording(t);
  const file = path.join(world.workspace, 'out', 'mine.strata-run');
  const first = await world.strata('export', 'last', '--out', file);
  assert.equal(first.code, 0, first.err);
  assert.match(first.out, /Wrote .*mine\.strata-run\./);
  const again = await world.strata('export', 'last', '--out', file, '--json');
  assert.equal(again.code, 0, again.err);
  const checked = await world.strata('replay', '--check', file);
  assert.equal(checked.code, 0, checked.err);
  assert.match(checked.out, /1 recording, none failed/);
  assert.deepEqual(readdirSync(path.dirname(file)), ['mine.strata-run']);
});
