import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatBytes,
  formatCost,
  formatDuration,
  formatModel,
  formatRunCost,
  formatTokens,
} from '../../../extension/src/protocol/format.ts';
import type { Totals } from '../../../extension/src/protocol/totals.ts';

const none: Totals = {
  subSteps: 0,
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  usd: 0,
  unpriced: 0,
  priced: 0,
  estimated: false,
};
const says = (actual: string, expected: string) => {
  assert.equal(actual, expected);
};

test('a call costs dollars, is free, or is not priced, and never 0 by default', () => {
  says(formatCost({ kind: 'priced', usd: 0.0123 }), '$0.0123');
  says(formatCost({ kind: 'priced', usd: 12.3456 }), '$12.35');
  says(formatCost({ kind: 'priced', usd: 0.99996 }), '$1.00');
  says(formatCost({ kind: 'priced', usd: 0.00001 }), '<$0.0001');
  says(formatCost({ kind: 'estimated', usd: 0.5 }), '~$0.5000');
  says(formatCost({ kind: 'unknown' }), 'not priced');
  says(formatCost({ kind: 'free' }, 'ollama'), 'free');
  says(formatCost({ kind: 'free' }, 'demo'), 'free (demo)');
});

test('a run says so when it knows only a part of its cost', () => {
  says(formatRunCost(none), '–');
  says(formatRunCost({ ...none, calls: 2 }, 'demo'), 'free (demo)');
  says(formatRunCost({ ...none, calls: 2, unpriced: 2 }), 'not priced');
  says(formatRunCost({ ...none, calls: 2, priced: 1, usd: 0.0123 }), '$0.0123');
  says(formatRunCost({ ...none, calls: 2, priced: 1, unpriced: 1, usd: 0.0123 }), '≥ $0.0123');
  says(formatRunCost({ ...none, calls: 1, priced: 1, estimated: true, usd: 2 }), '~$2.00');
});

test('durations', () => {
  for (const [ms, text] of [
    [0, '0 ms'],
    [340.4, '340 ms'],
    [999.6, '1.0 s'],
    [2400, '2.4 s'],
    [59_960, '1 min'],
    [185_000, '3 min 5 s'],
    [3_600_000, '1 h'],
    [7_440_000, '2 h 4 min'],
    [86_400_000 + 7_200_000, '1 d 2 h'],
    [-1, '–'],
    [NaN, '–'],
  ] as const) {
    says(formatDuration(ms), text);
  }
});

test('tokens and bytes', () => {
  says(formatTokens(950), '950');
  says(formatTokens(1234), '1.2k');
  says(formatTokens(9_960), '10k');
  says(formatTokens(1_200_000), '1.2M');
  says(formatBytes(512), '512 B');
  says(formatBytes(1_250), '1.3 KB');
  says(formatBytes(34_000_000), '34 MB');
});

test('a demo model is named as one', () => {
  says(formatModel({ provider: 'demo', model: 'scripted' }), 'scripted (demo)');
  says(formatModel({ provider: 'demo', model: 'strata-demo' }), 'strata-demo');
  says(formatModel({ provider: 'openai', model: 'gpt-x' }), 'gpt-x');
});
