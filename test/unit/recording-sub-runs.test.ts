import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { comparedRun, compareRuns } from '../../extension/src/core/orchestration/compare/index.ts';
import { startRun } from '../../extension/src/core/orchestration/index.ts';
import type { RunInput } from '../../extension/src/core/orchestration/index.ts';
import {
  checkRecording,
  readRecording,
  writeRecording,
} from '../../extension/src/core/orchestration/recording/index.ts';
import type { Message } from '../../extension/src/protocol/message.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { calls, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { SmallWorld } from '../support/small-world.ts';

/** A run whose agent has a helper append a word to a file and then says that it is done. */
async function delegated(
  t: TestContext,
  words: readonly string[],
): Promise<{ small: SmallWorld; runs: string[] }> {
  let word = '';
  const small = smallWorld({
    model: (messages: readonly Message[]) => {
      const isHelper = messages.some((message) => message.role === 'system' && textOf(message) === 'Help.');
      const done = messages.filter(({ role }) => role === 'assistant').length;
      if (done > 0) return says(isHelper ? `I appended ${word}.` : 'All done.');
      return isHelper
        ? calls('files_append', { path: 'a.txt', text: word })
        : calls('agents_run', { agent: 'helper', task: 'Append a word' });
    },
  });
  t.after(() => small.dispose());
  const runs: string[] = [];
  for (word of words) {
    const { run, ended } = startRun(small.environment, withHelper(inputFor('Have it appended')));
    assert.equal((await ended).status, 'succeeded');
    runs.push(run);
    small.files.set('a.txt', 'one');
    small.episodes.length = 0;
  }
  return { small, runs };
}

function withHelper(input: RunInput): RunInput {
  assert.ok(input.program.kind === 'agent');
  const { agent } = input.program;
  return {
    ...input,
    program: { kind: 'agent', agent: { ...agent, agents: ['helper'] } },
    agents: { helper: { ...agent, name: 'helper', prompt: 'Help.' } },
  };
}

const check = (text: string) => checkRecording(readRecording(text, 'x.strata-run'), () => undefined);

test('a recording holds the sub-runs of a run, and replays them too', async (t) => {
  const { small, runs } = await delegated(t, [' two']);
  const [run = ''] = runs;
  const text = writeRecording(small.store, run);
  const recording = readRecording(text, 'x.strata-run');
  assert.equal(recording.runs.length, 2);
  const { verdict, steps } = await check(text);
  const all = recording.runs
    .flatMap((id) => recording.log.read(id))
    .filter(({ type }) => type === 'step.started');
  assert.deepEqual({ verdict, steps }, { verdict: 'equal', steps: all.length });
});

test('an edit in a sub-run fails there, and so does one that makes the parent say something else of it', async (t) => {
  const { small, runs } = await delegated(t, [' two']);
  const text = writeRecording(small.store, runs[0] ?? '');

  const inside = text.replace('text: appended', 'text: APPENDED');
  assert.notEqual(inside, text);
  const found = (await check(inside)).divergence;
  assert.match(
    found?.message ?? '',
    /^The replay diverges at step \d+ \(Model call code\) of the sub-run of helper$/,
  );
  assert.match(found?.actual ?? '', /APPENDED/);

  const reworded = text.replaceAll(/I appended +two\./g, 'I did it.');
  assert.equal((await check(reworded)).verdict, 'equal');
  const start = text.indexOf('kind: agent\n        name: helper');
  const above = text.slice(0, start) + text.slice(start).replace(/I appended +two\./, 'I did it.');
  assert.equal((await check(above)).verdict, 'diverged');

  const gone = text.replace(/ {2}- run: r-1-[\s\S]*(?=\nconversations:)/, '');
  assert.notEqual(gone, text);
  assert.throws(
    () => readRecording(gone, 'x.strata-run'),
    /x\.strata-run:\d+: the run r-1-\S+ is not in this file/,
  );
});

test('two runs are compared inside of their sub-runs', async (t) => {
  const { small, runs } = await delegated(t, [' two', ' three']);
  const [a, b] = runs.map((run) => comparedRun(small.store, run));
  assert.ok(a && b);
  const { steps, summary } = compareRuns(a, b);
  const part = steps.find(({ a: side }) => side?.kind === 'agent');
  assert.equal(part?.verdict, 'changed');
  const tool = part.steps.find(({ a: side }) => side?.kind === 'tool');
  assert.deepEqual(tool?.differences[0], {
    aspect: 'input',
    parts: [
      { side: 'both', text: 'arguments:\n  path: a.txt\n' },
      { side: 'a', text: '  text:  two' },
      { side: 'b', text: '  text:  three' },
    ],
  });
  assert.ok(summary.length > 0);
});
