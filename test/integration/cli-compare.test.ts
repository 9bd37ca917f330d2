import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { cliWorld, newestRun } from '../support/cli.ts';

test('two runs are compared step by step, from the log and from a recording', async (t) => {
  const world = cliWorld(t, { sample: true });
  await world.strata('run', 'explorer', 'Where are the discounts?');
  const a = newestRun(world);
  await world.strata('run', 'explorer', 'Where is the tax?');
  const b = newestRun(world);

  const { code, out, err } = await world.strata('diff', a, b);
  assert.equal(code, 0, err);
  const lines = out.split('\n');
  assert.match(lines[0] ?? '', new RegExp(`^A ${a} explorer Where are the discounts\\?`));
  assert.match(lines[1] ?? '', new RegExp(`^B ${b} explorer Where is the tax\\?`));
  assert.match(out, /^ {5}1 {5}1 {4}Snapshot workspace/m);
  assert.match(out, /^ +\d+ +\d+ {2}~ Model call strata-demo/m);
  assert.match(out, /^They were given different tasks\.$/m);
  assert.match(out, /^Same path up to step \d+; then .+\.$/m);
  for (const line of lines) assert.ok(line.length <= 120, line);

  const same = await world.strata('diff', a, a);
  assert.match(same.out, /^Same path: all \d+ steps are the same\.$/m);

  const file = path.join(world.workspace, 'a.strata-run');
  await world.strata('record', a, '--out', file);
  const withFile = await world.strata('diff', file, b, '--json');
  const fromLog = await world.strata('diff', a, b, '--json');
  const { a: left, counts, steps } = JSON.parse(withFile.out) as Record<string, unknown>;
  const other = JSON.parse(fromLog.out) as Record<string, unknown>;
  assert.deepEqual(
    { left, counts, steps },
    { left: other['a'], counts: other['counts'], steps: other['steps'] },
  );
});

test('what cannot be compared is said', async (t) => {
  const world = cliWorld(t);
  const one = await world.strata('diff', 'r-1');
  assert.equal(one.code, 2);
  assert.match(one.err, /takes two runs/);
  const unknown = await world.strata('diff', 'r-1', 'r-2');
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /There is no run "r-1"/);
  const missing = await world.strata('diff', 'a.strata-run', 'b.strata-run');
  assert.equal(missing.code, 1);
  assert.match(missing.err, /a\.strata-run cannot be read/);
});
