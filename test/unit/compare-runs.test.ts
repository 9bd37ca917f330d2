import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  comparableTranscript,
  comparedRun,
  compareRuns,
} from '../../extension/src/core/orchestration/compare/index.ts';
import type { ComparedStep, RunComparison } from '../../extension/src/core/orchestration/compare/index.ts';
import { startRun } from '../../extension/src/core/orchestration/index.ts';
import type { AssistantMessage } from '../../extension/src/protocol/message.ts';
import { calls, inputFor, says, smallWorld } from '../support/small-world.ts';

type Script = readonly AssistantMessage[];

/** Two runs of the same small world, each with a model that plays its script. */
async function compared(
  t: TestContext,
  first: Script,
  second: Script,
  tasks: readonly [string, string] = ['do it', 'do it'],
): Promise<{ readonly comparison: RunComparison; readonly transcripts: readonly string[] }> {
  const scripts = [first, second];
  let current = 0;
  let begun = 0;
  const small = smallWorld({
    model: (_messages, call) => scripts[current]?.[call - begun - 1] ?? says('done'),
  });
  t.after(() => small.dispose());
  const runs: string[] = [];
  for (const [index, task] of tasks.entries()) {
    current = index;
    begun = small.asked.models;
    small.files.clear();
    small.files.set('a.txt', 'one');
    small.episodes.length = 0;
    const { run, ended } = startRun(small.environment, inputFor(task));
    await ended;
    runs.push(run);
  }
  const sides = runs.map((run) => comparedRun(small.store, run));
  const [a, b] = sides;
  assert.ok(a && b);
  return { comparison: compareRuns(a, b), transcripts: sides.map(comparableTranscript) };
}

function lines(steps: readonly ComparedStep[]): string[] {
  return steps.map(({ verdict, a, b, differences }) => {
    const name = b?.name ?? a?.name ?? '';
    const aspects = differences.map(({ aspect }) => aspect).join(', ');
    return `${a?.step ?? '-'} ${b?.step ?? '-'} ${name}: ${verdict}${aspects ? ` (${aspects})` : ''}`;
  });
}

const read = calls('files_read', { path: 'a.txt' });
const append = (text: string) => calls('files_append', { path: 'a.txt', text });

test('two runs that did the same are the same, whatever their ids and times', async (t) => {
  const { comparison, transcripts } = await compared(
    t,
    [read, append('!'), says('ok')],
    [read, append('!'), says('ok')],
  );
  assert.deepEqual(comparison.counts, { same: 10, changed: 0, 'only-a': 0, 'only-b': 0 });
  assert.deepEqual(comparison.summary.slice(0, 3), [
    'Same path: all 10 steps are the same.',
    'Both succeeded with the same answer.',
    'Both left the same files behind (a.txt changed).',
  ]);
  assert.equal(transcripts[0], transcripts[1]);
});

test('another tool in the place of the one is named, and the steps after it are aligned again', async (t) => {
  const { comparison } = await compared(
    t,
    [read, calls('mail_send', { text: 'x' }), read, says('ok')],
    [read, append('x'), calls('files_append', { path: 'b.txt', text: 'y' }), read, says('ok')],
  );
  assert.deepEqual(lines(comparison.steps).slice(5), [
    '6 6 files_read: same',
    '7 7 code: changed (output)',
    '8 8 files_append: changed (name, input, output, files)',
    '- 9 code: only-b',
    '- 10 files_append: only-b',
    '9 11 code: same',
    '10 12 files_read: changed (output)',
    '11 13 code: same',
    '12 14 episode: same',
  ]);
  assert.equal(
    comparison.summary[0],
    'Same path up to step 6; then the model answers differently in step 7.',
  );
  assert.ok(comparison.summary.includes('Only B changed a.txt, b.txt.'), comparison.summary.join('\n'));
});

test('texts that differ are shown word by word, and answers line by line', async (t) => {
  const { comparison } = await compared(
    t,
    [append('good day'), says('one\ntwo')],
    [append('good night'), says('one\n2')],
  );
  const tool = comparison.steps.find(({ a }) => a?.kind === 'tool');
  assert.deepEqual(
    tool?.differences[0]?.parts.filter(({ side }) => side !== 'both'),
    [
      { side: 'a', text: '  text: good day' },
      { side: 'b', text: '  text: good night' },
    ],
  );
  assert.deepEqual(comparison.answer, [
    { side: 'both', text: 'one\n' },
    { side: 'a', text: 'two' },
    { side: 'b', text: '2' },
  ]);
  assert.deepEqual(comparison.files.both, ['a.txt']);
  assert.equal(comparison.files.equal, false);
});

test('cost and tokens are put in relation', async (t) => {
  const { comparison } = await compared(t, [read, read, read, says('ok')], [says('ok')]);
  assert.ok(
    comparison.summary.includes('B costs 75 % less ($0.0040 and $0.0010).'),
    comparison.summary.join('\n'),
  );
  assert.ok(
    comparison.summary.includes('B uses 75 % fewer tokens (60 and 15).'),
    comparison.summary.join('\n'),
  );
});

test('different tasks are said first', async (t) => {
  const { comparison } = await compared(t, [says('ok')], [says('ok')], ['this', 'that']);
  assert.equal(comparison.summary[0], 'They were given different tasks.');
});

test('a comparison is plain data', async (t) => {
  const { comparison } = await compared(t, [read, says('a')], [append('x'), says('b')]);
  assert.deepEqual(JSON.parse(JSON.stringify(comparison)), comparison);
});
