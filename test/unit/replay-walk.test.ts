import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod';
import { StrataError } from '../../extension/src/base/errors.ts';
import {
  createConversations,
  createWalk,
  writeTranscript,
} from '../../extension/src/core/orchestration/walk/index.ts';
import type { Moved, Stop, Walk } from '../../extension/src/core/orchestration/walk/index.ts';
import { linksIn } from '../../extension/src/vscode/replay-debugger/source.ts';
import { logOf, longRun, plannedRun, RUN } from '../support/walked-runs.ts';
import type { WalkedLog } from '../support/walked-runs.ts';
import { RecordedRun } from '../support/recorded-run.ts';
import { hostile } from '../support/sample-runs.ts';

/** `5`, `5 again` for its second try, `3/1` inside of a sub-run, `3/end`. */
const name = (stop: Stop): string => {
  const run = stop.recording.run.replace(/^[^-]+-[^-]+-?/, '').replaceAll('_', '.');
  const step = stop.type === 'end' ? 'end' : stop.step.id + (stop.step.attempt > 1 ? ' again' : '');
  return run === '' ? step : `${run}/${step}`;
};

function walkOver(log: WalkedLog, problems: string[] = []): Walk {
  const walk = createWalk({ log, run: RUN, onProblem: (_problem, run) => problems.push(run) });
  assert.ok(walk);
  return walk;
}

function path(walk: Walk, move: (walk: Walk) => Moved, most = 40): string {
  const seen = [name(walk.at)];
  for (let moves = 0; moves < most; moves += 1) {
    const { stop, because } = move(walk);
    if (because !== 'arrived') return `${seen.join(' ')} | ${because} at ${name(stop)}`;
    seen.push(name(stop));
  }
  return seen.join(' ');
}

const at = (wanted: string) => (stop: Stop) => name(stop) === wanted;

describe('walking a run with sub-agents, a retry, a hand-over and a node', () => {
  test('step over stays beside, and a try that failed is a place of its own', () => {
    assert.equal(
      path(walkOver(plannedRun()), (walk) => walk.over()),
      '1 2 3 4 5 5 again 6 7 8 9 end | end at end',
    );
  });

  test('step in goes through everything, and out of a sub-run to what follows its step', () => {
    assert.equal(
      path(walkOver(plannedRun()), (walk) => walk.into()),
      '1 2 3 3/1 3/2 3/3 3/end 4 5 5 again 6 7 8 8.1 8.1/1 8.1/end 9 end | end at end',
    );
  });

  test('step back goes beside, and from the first step of a sub-run to the step that called it', () => {
    const walk = walkOver(plannedRun());
    walk.run('forward');
    assert.equal(
      path(walk, (one) => one.back()),
      'end 9 8 7 6 5 again 5 4 3 2 1 | beginning at 1',
    );
    walk.run('forward', at('3/2'));
    assert.equal(
      path(walk, (one) => one.back()),
      '3/2 3/1 3 2 1 | beginning at 1',
    );
  });

  test('forward and backward pass the same stops', () => {
    const walk = walkOver(plannedRun());
    const forward: string[] = [];
    walk.run('forward', (stop) => forward.push(name(stop)) < 0);
    const backward: string[] = [];
    walk.run('backward', (stop) => backward.push(name(stop)) < 0);
    assert.deepEqual(backward.toReversed().slice(1), forward.slice(0, -1));
    assert.equal(forward.length, 17);
  });

  test('a step over or back halts at what it passes inside', () => {
    const walk = walkOver(plannedRun());
    walk.over();
    walk.over();
    assert.deepEqual([name(walk.over(at('3/2')).stop), name(walk.out().stop)], ['3/2', '4']);
    assert.deepEqual([name(walk.back(at('3/2')).stop), name(walk.back(at('3/2')).stop)], ['3/2', '3/1']);
  });

  test('the stack is the agents, from the inside out', () => {
    const walk = walkOver(plannedRun());
    walk.run('forward', at('8.1/1'));
    const stack = walk.stack().map((stop) => `${stop.agent}: ${name(stop)}`);
    assert.deepEqual(stack, ['critic: 8.1/1', 'reviewer: 8.1', 'reviewer: 8']);
  });

  test('a run is read when it is entered, once', () => {
    const log = plannedRun();
    const walk = walkOver(log);
    path(walk, (one) => one.over());
    path(walk, (one) => one.back());
    assert.deepEqual([...log.reads.values()], [1]);
    path(walk, (one) => one.into());
    path(walk, (one) => one.back());
    path(walk, (one) => one.into());
    assert.deepEqual(
      [...log.reads],
      [RUN, `${RUN}-3`, `${RUN}-8_1`].map((run) => [run, 1]),
    );
  });
});

describe('logs that are not whole', () => {
  test('a sub-run that is not there is passed over, and told once', () => {
    const log = plannedRun();
    log.runs.delete(`${RUN}-3`);
    const problems: string[] = [];
    const walk = walkOver(log, problems);
    assert.match(
      path(walk, (one) => one.into()),
      /^1 2 3 4 5/,
    );
    assert.deepEqual(problems, [`${RUN}-3`]);
  });

  test('a run that says that it is part of itself is walked once', () => {
    const run = new RecordedRun(RUN, 0).start('Round and round');
    run.begin('1', 'agent', 'coder', {}, { child: RUN });
    assert.equal(
      path(walkOver(logOf(run)), (walk) => walk.into()),
      '1 end | end at end',
    );
  });

  test('a sub-run that was cut off and gone on with belongs to the last try of its step', () => {
    const [run, sub] = [new RecordedRun(RUN, 0).start('Twice'), new RecordedRun(`${RUN}-1`, 0).start('Part')];
    run.begin('1', 'agent', 'coder', {}, { child: sub.id }).append({
      type: 'step.interrupted',
      step: '1',
      reason: { code: 'process-ended', message: 'The process ended.' },
    });
    run.begin('1', 'agent', 'coder', {}, { child: sub.id, attempt: 2 });
    sub.begin('1', 'chat', 'code', {});
    assert.equal(
      path(walkOver(logOf(run, sub)), (walk) => walk.into()),
      '1 1 again 1/1 1/end end | end at end',
    );
  });

  test('a run with no step yet has its end to stand at', () => {
    assert.equal(
      path(walkOver(logOf(new RecordedRun(RUN, 0).start('Nothing yet'))), (walk) => walk.over()),
      'end | end at end',
    );
  });

  test('a run that is not in the log is no walk', () => {
    assert.equal(createWalk({ log: plannedRun(), run: 'r-other' }), undefined);
  });
});

describe('the transcript', () => {
  const written = (log: WalkedLog, run: string) => {
    const recording = walkOver(log).recordingOf(run);
    assert.ok(recording);
    const contents = { getBlob: log.getBlob, conversations: createConversations(log.getBlob) };
    return { recording, transcript: writeTranscript(recording, contents, linksIn(log)) };
  };

  test('reads from top to bottom', () => {
    assert.equal(written(plannedRun(), RUN).transcript.text, PLANNER);
    assert.equal(written(plannedRun(), `${RUN}-3`).transcript.text, CODER);
    assert.equal(written(plannedRun(), `${RUN}-8_1`).transcript.text, CRITIC);
  });

  test('each stop has a line, and each line of its block leads back to it', () => {
    const { recording, transcript } = written(plannedRun(), RUN);
    const lines = transcript.text.split('\n');
    for (const stop of recording.stops) {
      const first = transcript.lineOf(stop);
      const heading = lines[first - 1] ?? '';
      assert.ok(heading.trim().startsWith(stop.type === 'end' ? '=' : `${stop.step.id} `), heading);
      for (let line = first; line <= lines.length && (lines[line - 1] ?? '') !== ''; line += 1) {
        assert.equal(transcript.stopAt(line), stop, `line ${line}`);
      }
    }
    assert.deepEqual(
      [0, 1, 10_000].map((line) => name(transcript.stopAt(line))),
      ['1', '1', 'end'],
    );
  });

  test('holds nothing that an editor would not show as it is', () => {
    const run = hostile();
    const log: WalkedLog = { ...logOf(run), read: () => run.events };
    const { text } = written(log, RUN).transcript;
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test('says where a part cannot be read, and goes on', () => {
    const getBlob = (id: string): string => {
      throw new StrataError('blob-damaged', `The blob ${id.slice(0, 4)} is damaged.`, 'Run it again.');
    };
    const { text } = written({ ...plannedRun(), getBlob }, RUN).transcript;
    assert.match(text, /\n6 shell_run · error · 4\.1 s\n/);
    assert.match(text, /\n {2}\(The blob [0-9a-f]{4} is damaged\.\)\n/);
    assert.match(text, /\n= Succeeded/);
  });
});

test('messages are read once each, in both directions and in pages', () => {
  const log = longRun(200);
  let reads = 0;
  const conversations = createConversations((id) => {
    reads += 1;
    return log.getBlob(id);
  });
  const calls = walkOver(log).root.stops.flatMap((stop) => {
    if (stop.type === 'end' || stop.step.kind !== 'chat' || !('inline' in stop.step.input)) return [];
    const { inline } = stop.step.input;
    const { conversation } = z.object({ conversation: z.string() }).parse(inline);
    return [conversation];
  });
  assert.equal(calls.length, 100);
  const last = calls.at(-1) ?? '';
  assert.equal(conversations.length(last), 200);
  for (const id of calls.toReversed()) conversations.length(id);
  assert.equal(reads, 100);
  const texts = conversations.slice(last, 99, 3).map(({ role }) => role);
  assert.deepEqual(texts, ['assistant', 'user', 'assistant']);
  assert.deepEqual(conversations.slice(last, 199, 10).length, 1);
  assert.deepEqual(conversations.slice(last, 500, 10), []);
});

const PLANNER = `# planner, run r-0001mb3kq7xw2d5f
Started 2026-10-05 09:30:00 UTC, route code, on its own copy.

  Apply the discount to the total.
  Keep all tests passing.

1 Recall episodes · 120 ms
  1 earlier run

2 Model call claude-sonnet-4-5 · 1.9 s · 1.2k in, 80 out · $0.0040
  info: Route code: the first that is ready.
  I give the change to the coder.
  -> agent_coder(task: "Change total()")

3 Sub-agent coder · 5.2 s · 3 steps, $0.0060
  succeeded: total() applies the discount.
  transcript: strata-replay:/r-0001mb3kq7xw2d5f-3/coder.strata-transcript

4 Merge coder · 30 ms
  1 file
  changed: src/till.ts

5 Model call code · interrupted
  model-overloaded: The model is overloaded.

5 Model call claude-sonnet-4-5 · attempt 2 · 1.4 s · 1.5k in, 40 out · $0.0030
  -> shell_run(command: "npm test")

6 shell_run · error · 4.1 s
  command: npm test
  result:
    ✖ rounds to cents
      90.005 !== 90.01
        at total (src/till.ts:3)
        at total (src/till.ts:3)
        at total (src/till.ts:3)
        at total (src/till.ts:3)
        at total (src/till.ts:3)
        at total (src/till.ts:3)
        at total (src/till.ts:3)
        at total (src/till.ts:3)
        at total (src/till.ts:3)
        at total (src/till.ts:3)
    … 2 more lines

7 Hand-over reviewer
  Look at the rounding.

8 Node judge · reviewer
  The key was refused.

  8.1 Sub-agent critic · reviewer · error · 700 ms
    failed: The key was refused.
    transcript: strata-replay:/r-0001mb3kq7xw2d5f-8_1/critic.strata-transcript

9 Model call claude-sonnet-4-5 · reviewer · 1.6 s · 1.7k in, 60 out · $0.0050
  context: 3.1k of 8.0k tokens; 4 older messages left out
  Round to cents before returning.

= Succeeded · 13 steps · $0.0180
  Round to cents before returning.
`;

const CODER = `# coder, run r-0001mb3kq7xw2d5f-3
Started 2026-10-05 09:30:00 UTC, route code, on its own copy.
Part of r-0001mb3kq7xw2d5f, step 3: strata-replay:/r-0001mb3kq7xw2d5f/planner.strata-transcript

  Change total()

1 Model call claude-sonnet-4-5 · 1.5 s · 900 in, 50 out · $0.0030
  -> files_edit(path: "src/till.ts", oldText: "sum", newText: "sum * rate")

2 files_edit · 40 ms
  path: src/till.ts
  oldText: sum
  newText:
    sum * rate
  result:
    Replaced 1 place in src/till.ts.
  changed: src/till.ts

3 Model call claude-sonnet-4-5 · 1.1 s · 1.0k in, 40 out · $0.0030
  total() applies the discount.

= Succeeded · 3 steps · $0.0060
  total() applies the discount.
`;

const CRITIC = `# critic, run r-0001mb3kq7xw2d5f-8_1
Started 2026-10-05 09:30:00 UTC, route code, on its own copy.
Part of r-0001mb3kq7xw2d5f, step 8.1: strata-replay:/r-0001mb3kq7xw2d5f/planner.strata-transcript

  Judge it

1 Model call review · failed · 400 ms
  model-auth: Anthropic refused the key (401). Set a new key with “Strata: Set API Key”.

= Failed · 1 step
  model-auth: Anthropic refused the key (401). Set a new key with “Strata: Set API Key”.
`;
