import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunFilter } from '../../extension/src/node/sqlite/index.ts';
import { dayGroup, filterWords, statusGroup } from '../../extension/src/vscode/run-list-words.ts';

const at = (...date: [number, number, number, number?]): number => new Date(...date).getTime();
const now = at(2026, 5, 10, 12);

test('days are named as people name them, and hold what began in them', () => {
  const label = (key: number): string => dayGroup({ key, count: 1 }, {}, now).label;
  assert.equal(label(at(2026, 5, 10)), 'Today');
  assert.equal(label(at(2026, 5, 9)), 'Yesterday');
  assert.match(label(at(2026, 5, 8)), /8/);
  assert.doesNotMatch(label(at(2026, 5, 8)), /2026/);
  assert.match(label(at(2025, 5, 10)), /2025/);
  const filter: RunFilter = { agent: 'coder' };
  assert.deepEqual(dayGroup({ key: at(2026, 5, 9), count: 3 }, filter, now).filter, {
    ...{ agent: 'coder', from: at(2026, 5, 9), until: at(2026, 5, 10) },
  });
});

test('a filter is said in words, and none is said as nothing', () => {
  const check = (filter: RunFilter, words: string | undefined): void =>
    assert.equal(filterWords(filter), words);
  check({}, undefined);
  check({ text: 'till' }, '“till”');
  check({ status: ['failed', 'stopped'], errors: true }, 'failed or stopped · with errors');
  check({ agent: 'coder', model: 'p/m' }, 'coder · p/m');
  check({ user: 'Ada', errors: true }, 'of Ada · with errors');
  assert.deepEqual(statusGroup({ key: 'failed', count: 1 }, { status: ['failed', 'paused'] }).filter, {
    status: ['failed'],
  });
});
