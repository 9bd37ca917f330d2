import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { CompareHostMessage, CompareLine } from '../../../extension/src/protocol/compare-panel.ts';
import { childRunId } from '../../../extension/src/protocol/run-event.ts';
import { delta, dollars } from '../../../webview/src/compare/deltas.ts';
import { countsOf, differenceFrom, listed, nearest } from '../../../webview/src/compare/lines.ts';
import { aspectsText, countsText } from '../../../webview/src/compare/words.ts';
import { compareHost } from '../../support/compare-host.ts';
import { A, B, longTries, sameTries, twoTries } from '../../support/compared-runs.ts';
import type { WalkedLog } from '../../support/walked-runs.ts';
import { logOf, plannedRun, RUN } from '../../support/walked-runs.ts';

type Shown = Extract<CompareHostMessage, { readonly type: 'comparison' }>;

/** The host's end on the runs of a log, with a clock that moves by hand, or by so much whenever it is looked at. */
function open(t: TestContext, log: WalkedLog, { pair = { a: A, b: B }, tickMs = 0 } = {}) {
  const posted: CompareHostMessage[] = [];
  const waiting: (() => void)[] = [];
  let time = 0;
  const host = compareHost({
    ...{ log, pair },
    post: (message) => void posted.push(message),
    now: () => (time += tickMs),
    after: (_ms, callback) => {
      waiting.push(callback);
      return { dispose: () => void waiting.splice(waiting.indexOf(callback), 1) };
    },
  });
  t.after(() => {
    host.session.dispose();
  });
  const tick = async () => {
    for (const callback of waiting.splice(0)) callback();
    await new Promise(setImmediate);
  };
  return { ...host, take: () => posted.splice(0), tick };
}

async function shown(t: TestContext, log: WalkedLog): Promise<Shown> {
  const { session, take } = open(t, log);
  await session.receive({ type: 'ready' });
  const [first] = take();
  assert.equal(first?.type, 'comparison');
  return first;
}

function drawn(lines: readonly CompareLine[]): string[] {
  return lines.map((line) => {
    const { a, b, part, level, verdict } = line;
    const numbers = part === 'step' ? `${a?.step ?? '-'} ${b?.step ?? '-'} ${(b ?? a)?.title ?? ''}` : part;
    return `${'  '.repeat(level - 1)}${numbers}: ${[verdict, aspectsText(line)].filter(Boolean).join(', ')}`;
  });
}

test('two runs are lines side by side, with those of sub-runs inside', async (t) => {
  const { lines } = await shown(t, twoTries());
  assert.deepEqual(drawn(lines), [
    '1 1 Snapshot: same',
    '2 2 Model call: same',
    '3 3 files_read: same',
    '4 4 Model call: changed, model, output',
    '5 5 files_edit: changed, input, files',
    '6 6 shell_run: changed, status, output',
    '7 - Sub-agent: only-a',
    '  1 - files_read: only-a',
    '  2 - Model call: only-a',
    '- 7 shell_run: only-b',
    '8 8 Model call: same',
    'answer: changed, output',
  ]);
  assert.equal(lines[7]?.a?.run, childRunId(A, '7', 0));
});

test('the totals of both, and sentences that say what they mean', async (t) => {
  const { a, b, summary } = await shown(t, twoTries());
  assert.deepEqual([a.files, b.files, a.steps, b.steps], [2, 2, 8, 8]);
  assert.deepEqual([a.totals.inputTokens, b.totals.inputTokens], [8900, 9100]);
  assert.equal(
    summary[0],
    'Same path up to step 3; then step 4 (Model call code) is answered by another model.',
  );
});

test('files that only one run changed are told apart at once, and the others when they were looked into', async (t) => {
  const { session, take, files } = open(t, twoTries());
  files.set('b src/till.ts', 'x').set('c src/till.ts', 'y');
  await session.receive({ type: 'ready' });
  const lists = take().flatMap((message) => (message.type === 'files' ? [message.files] : []));
  assert.deepEqual(
    lists.map((list) => list.map(({ path, verdict }) => `${path} ${verdict}`)),
    [
      ['docs/till.md only-a', 'src/till.ts unknown', 'test/till.test.ts only-b'],
      ['docs/till.md only-a', 'src/till.ts differs', 'test/till.test.ts only-b'],
    ],
  );
});

/** The texts of one line, in which `[-…-]` is of A alone and `[+…+]` of B. */
async function textsAt(t: TestContext, log: WalkedLog, line: number): Promise<string[]> {
  const { session, take } = open(t, log);
  await session.receive({ type: 'ready' });
  take();
  await session.receive({ type: 'texts', version: 1, line });
  const [message] = take();
  assert.equal(message?.type, 'texts');
  const marks = { a: ['[-', '-]'], b: ['[+', '+]'], both: ['', ''] } as const;
  return message.texts.map(({ title, parts }) => {
    const text = parts.map((part) => marks[part.side].join(part.text));
    return `${title}: ${text.join('')}`;
  });
}

test('of a line that differs the texts that differ are sent', async (t) => {
  assert.deepEqual((await textsAt(t, twoTries(), 3))[0], 'Model: anthropic/claude-[-sonnet-][+opus+]-4-5');
  assert.deepEqual((await textsAt(t, twoTries(), 5)).slice(0, 1), [
    'How it ended: finished[- with an error-]',
  ]);
  assert.deepEqual(await textsAt(t, twoTries(), 11), [
    'Answer: The discount is applied.\n[-One test still fails.-][+All 4 tests pass.+]',
  ]);
});

test('of a line that only one run has all of it is sent, also in a sub-run', async (t) => {
  assert.deepEqual(await textsAt(t, twoTries(), 8), ['What came of it: [-Fine.-]']);
  assert.deepEqual(await textsAt(t, twoTries(), 9), [
    'What it was given: [+arguments:\n  command: npm run lint+]',
    'What came of it: [+clean+]',
  ]);
});

test('a long text is cut, and that is said', async (t) => {
  const log = twoTries();
  const [, , b] = [...log.runs.values()];
  assert.ok(b);
  b.events.pop();
  b.append({ type: 'run.finished', outcome: 'succeeded', answer: b.payload('x'.repeat(300_000)) });
  const { session, take } = open(t, log);
  await session.receive({ type: 'ready' });
  take();
  await session.receive({ type: 'texts', version: 1, line: 11 });
  const [message] = take();
  assert.ok(message?.type === 'texts' && message.cut);
  assert.ok(JSON.stringify(message).length < 210_000);
});

test('what is asked of lines that were compared anew meanwhile is not answered', async (t) => {
  const { session, take } = open(t, twoTries());
  await session.receive({ type: 'ready' });
  take();
  await session.receive({ type: 'texts', version: 7, line: 0 });
  await session.receive({ type: 'texts', version: 1, line: 400 });
  await session.receive({ type: 'texts', version: 1, line: -1 });
  assert.deepEqual(take(), []);
});

test('a run that goes on is compared again, and one that is removed is missed once', async (t) => {
  const log = twoTries();
  const { session, take, tick } = open(t, log);
  await session.receive({ type: 'ready' });
  take();
  session.changed();
  await tick();
  assert.deepEqual(take(), []);
  const b = log.runs.get(B);
  assert.ok(b);
  b.append({ type: 'run.resumed', owner: 'window-2' });
  session.changed();
  await tick();
  const again = take()[0];
  assert.ok(again?.type === 'comparison' && again.version === 2);
  b.clear();
  for (const _ of [1, 2]) {
    session.changed();
    await tick();
  }
  assert.deepEqual(
    take().map((message) => (message.type === 'failed' ? message.error.code : message.type)),
    ['run-not-found'],
  );
});

/** How often others had their turn until it was done. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  const counted = { turns: 0, isDone: false };
  const done = work.finally(() => (counted.isDone = true));
  while (!counted.isDone) {
    await new Promise(setImmediate);
    counted.turns += 1;
  }
  await done;
  return counted.turns;
}

test('others have their turn while long runs are compared, and the page is told how far it is', async (t) => {
  const { session, take } = open(t, longTries(1000), { tickMs: 1 });
  // 2,000 steps are read, 1,000 pairs are compared and become lines: with a clock that moves at each look, 8 of these a turn.
  const turns = await turnsOf(session.receive({ type: 'ready' }));
  assert.ok(turns > 400, String(turns));
  const posted = take();
  const shares = posted.flatMap((message) => (message.type === 'progress' ? [message.share] : []));
  assert.ok(shares.length >= 5, String(shares.length));
  assert.ok(shares.every((share, index) => share > (shares[index - 1] ?? 0) && share <= 1));
  assert.equal(posted.filter(({ type }) => type === 'comparison').length, 1);
});

test('what does not take long is not told', async (t) => {
  const { session, take } = open(t, twoTries(), { tickMs: 1 });
  await session.receive({ type: 'ready' });
  assert.deepEqual(
    take().map(({ type }) => type),
    ['comparison', 'files', 'files'],
  );
});

test('many lines come in several messages', async (t) => {
  const { session, take } = open(t, longTries(2500));
  await session.receive({ type: 'ready' });
  const pages = take().flatMap((message) => ('lines' in message ? [message] : []));
  assert.deepEqual(
    pages.map(({ type, lines }) => `${type} ${String(lines.length)}`),
    ['comparison 1000', 'lines 1000', 'lines 500'],
  );
  const [first] = pages;
  assert.ok(first?.type === 'comparison' && first.total === 2500);
  assert.deepEqual(
    pages.flatMap(({ lines }) => lines.map(({ a }) => a?.step)),
    Array.from({ length: 2500 }, (_, index) => String(index + 1)),
  );
});

for (const end of ['hidden', 'dispose'] as const)
  test(`comparing ends when its page is gone: ${end}`, async (t) => {
    const { session, take, read } = open(t, longTries(1000), { tickMs: 1 });
    const asked = session.outcome();
    const shown = session.receive({ type: 'ready' });
    while (read.payloads < 100) await new Promise(setImmediate);
    session[end]();
    assert.equal(await asked, undefined);
    await shown;
    assert.ok(read.payloads < 1000, String(read.payloads));
    assert.deepEqual(take(), []);
  });

test('the page and whoever asked for the comparison wait for the same work', async (t) => {
  const { session, take, read } = open(t, longTries(200), { tickMs: 1 });
  const [outcome] = await Promise.all([session.outcome(), session.receive({ type: 'ready' })]);
  assert.equal(outcome?.counts.changed, 2);
  const once = read.payloads;
  await session.outcome();
  await session.receive({ type: 'ready' });
  assert.equal(read.payloads, once);
  assert.deepEqual(
    take().flatMap((message) => (message.type === 'comparison' ? [message.version] : [])),
    [1, 1],
  );
});

test('a run that went on meanwhile is compared as it is now, and the work before is given up', async (t) => {
  const log = longTries(1000);
  const { session, take, read } = open(t, log, { tickMs: 1 });
  const before = session.receive({ type: 'ready' });
  while (read.payloads < 100) await new Promise(setImmediate);
  log.runs.get(B)?.append({ type: 'run.resumed', owner: 'window-2' });
  await session.receive({ type: 'ready' });
  await before;
  assert.deepEqual(
    take().flatMap((message) => (message.type === 'comparison' ? [message.version] : [])),
    [1],
  );
});

test('a run that goes on does not end its own comparison', async (t) => {
  const log = longTries(1000);
  const { session, take, tick, read } = open(t, log, { tickMs: 1 });
  const first = session.receive({ type: 'ready' });
  while (read.payloads < 100) await new Promise(setImmediate);
  log.runs.get(B)?.append({ type: 'run.resumed', owner: 'window-2' });
  session.changed();
  await tick();
  await first;
  assert.ok(take().some(({ type }) => type === 'comparison'));
  await tick();
  await session.outcome();
  await tick();
  const again = take().find(({ type }) => type === 'comparison');
  assert.ok(again?.type === 'comparison' && again.version === 2);
});

test('nothing is posted to a page that is hidden', async (t) => {
  const { session, take, tick } = open(t, twoTries());
  await session.receive({ type: 'ready' });
  take();
  session.changed();
  session.hidden();
  await tick();
  assert.deepEqual(take(), []);
});

test('a run against itself, and messages that are none', async (t) => {
  const { session, take } = open(t, twoTries(), { pair: { a: A, b: A } });
  await session.receive({ type: 'ready' });
  const [message] = take();
  assert.ok(message?.type === 'failed' && message.error.code === 'same-run');
  assert.equal(await session.outcome(), undefined);
  for (const odd of [undefined, 'ready', { type: 'open-step', run: '' }, { type: 'texts', line: 'x' }])
    await session.receive(odd);
  assert.deepEqual(take(), []);
});

test('steps of a sub-run, a workflow and the run itself open in their own trace', async (t) => {
  const { lines } = await shown(t, plannedTwice());
  const owners = lines.flatMap(({ a }) =>
    a ? [`${a.step} ${a.run === RUN ? 'run' : a.run.slice(RUN.length)}`] : [],
  );
  assert.deepEqual(owners, [
    ...['1 run', '2 run', '3 run', '1 -3', '2 -3', '3 -3', '4 run', '5 run', '6 run', '7 run', '8 run'],
    ...['8.1 run', '1 -8_1', '9 run'],
  ]);
});

const line = (
  verdict: CompareLine['verdict'],
  level = 1,
  aspects: CompareLine['aspects'] = [],
): CompareLine => {
  return { part: 'step', level, verdict, aspects };
};
const some = [
  line('same'),
  line('changed'),
  line('same', 2),
  line('changed', 2, ['output']),
  line('only-a'),
  line('same'),
];

test('differences are stepped through where they are, and not where something inside differs', () => {
  assert.deepEqual(
    [differenceFrom(some, -1, 1), differenceFrom(some, 3, 1), differenceFrom(some, 4, 1)],
    [3, 4, undefined],
  );
  assert.deepEqual([differenceFrom(some, 5, -1), differenceFrom(some, 3, -1)], [4, undefined]);
  assert.equal(differenceFrom([], -1, 1), undefined);
});

test('only differences: with what they are inside of', () => {
  assert.deepEqual(listed(some, true), [1, 3, 4]);
  assert.deepEqual(listed(some, false), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([nearest([1, 3, 4], 2), nearest([1, 3, 4], 5), nearest([], 0)], [1, 2, -1]);
  assert.equal(countsText(countsOf(some)), '3 same · 1 changed · 1 only in A · 0 only in B');
  assert.equal(countsText(countsOf([line('same')])), 'The only step is the same.');
  assert.equal(countsText(countsOf([line('same'), line('same')])), 'All 2 steps are the same.');
});

test('how much more B took', () => {
  const check = (a: number | 'none' | 'unknown', b: number | 'none' | 'unknown', expected: string) => {
    assert.equal(delta(a, b, dollars), expected);
  };
  check(0.01, 0.03, '+$0.0200');
  check(0.03, 0.01, '−$0.0200');
  check(0.01, 0.01, '=');
  check('none', 'none', '');
  check(0.01, 'none', '−$0.0100');
  check('none', 0.01, '+$0.0100');
  check('unknown', 0.01, '–');
});

test('runs of many steps are compared', async (t) => {
  const { lines } = await shown(t, longTries(1000));
  assert.equal(lines.length, 1000);
  assert.deepEqual(countsOf(lines), { same: 990, changed: 10, 'only-a': 0, 'only-b': 0 });
});

test('the same steps in other times are the same', async (t) => {
  const { lines, summary } = await shown(t, sameTries());
  assert.deepEqual(countsOf(lines), { same: 3, changed: 0, 'only-a': 0, 'only-b': 0 });
  assert.equal(summary[0], 'Same path: all 3 steps are the same.');
});

/** A run with sub-runs and a workflow's node, set against one that has none. */
function plannedTwice(): WalkedLog {
  const planned = plannedRun();
  const { runs } = twoTries();
  const both = [...planned.runs.values(), ...[...runs.values()].filter(({ id }) => id === B)];
  return logOf(...both);
}
