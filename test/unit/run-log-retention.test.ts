import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runsToRemove } from '../../extension/src/core/orchestration/retention.ts';
import type { RetainedRun, RetentionPolicy } from '../../extension/src/core/orchestration/retention.ts';

const DAY = 86_400_000;
const NOW = 1000 * DAY;
const run = (id: string, daysAgo: number, more: Partial<RetainedRun> = {}): RetainedRun => ({
  id,
  status: 'succeeded',
  updatedAt: NOW - daysAgo * DAY,
  pinned: false,
  undecided: false,
  bytes: 10,
  ...more,
});
const check = (
  name: string,
  policy: Partial<RetentionPolicy>,
  runs: readonly RetainedRun[],
  gone: readonly string[],
): void => {
  test(name, () => {
    assert.deepEqual(runsToRemove(runs, { days: 0, runs: 0, bytes: 0, ...policy }, NOW), gone);
  });
};

check('without a limit all stay', {}, [run('a', 5000), run('b', 1)], []);
check('by age', { days: 90 }, [run('a', 91), run('b', 90), run('c', 200)], ['c', 'a']);
check(
  'by number, the oldest first',
  { runs: 2 },
  [run('a', 1), run('b', 3), run('c', 2), run('d', 4)],
  ['d', 'b'],
);
check('by size', { bytes: 25 }, [run('a', 1), run('b', 2), run('c', 3)], ['c']);
check('the newest stays, however large', { bytes: 25 }, [run('a', 1, { bytes: 99 }), run('b', 2)], ['b']);
check(
  'pinned ones stay and take nobody’s place',
  { days: 90, runs: 1 },
  [run('a', 1), run('b', 2, { pinned: true }), run('c', 500, { pinned: true })],
  [],
);
check('a running one stays', { days: 1, runs: 1 }, [run('a', 9, { status: 'running' }), run('b', 0)], []);
check(
  'what may go on stays twice as long, whatever its number',
  { days: 90, runs: 1, bytes: 1 },
  [
    run('new', 0),
    run('paused', 179, { status: 'paused' }),
    run('cut off', 179, { status: 'interrupted' }),
    run('not decided', 179, { undecided: true }),
    run('long ago', 181, { status: 'paused' }),
  ],
  ['long ago'],
);
check('of the same time, the smaller id goes first', { runs: 1 }, [run('b', 1), run('a', 1)], ['a']);
