import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { startRun } from '../../extension/src/core/orchestration/index.ts';
import {
  checkRecording,
  readRecording,
  writeRecording,
} from '../../extension/src/core/orchestration/recording/index.ts';
import type { RecordingCheck } from '../../extension/src/core/orchestration/recording/index.ts';
import type { AssistantMessage } from '../../extension/src/protocol/message.ts';
import { messageOf } from '../../extension/src/base/errors.ts';
import { calls, inputFor, says, smallWorld } from '../support/small-world.ts';

const script: readonly AssistantMessage[] = [
  calls('files_read', { path: 'a.txt' }),
  calls('files_append', { path: 'a.txt', text: '\ntwo' }),
  calls('mail_send', { text: 'hello' }),
  says('All is done:\n- one line more'),
];

/** A recording of a run of 12 steps: it reads, appends, asks a person and sends. */
async function recorded(t: TestContext): Promise<string> {
  const small = smallWorld({
    model: (_messages, call) => script[call - 1] ?? says('done'),
    approve: () => ({ allowed: true, reason: 'go ahead' }),
  });
  t.after(() => small.dispose());
  const { run, ended } = startRun(small.environment, inputFor('Append', { mail_send: 'ask', '*': 'allow' }));
  assert.equal((await ended).status, 'succeeded');
  return writeRecording(small.store, run);
}

/** Replaces exactly one place. The text must be there once, or `after` says behind what it is looked for. */
function edit(text: string, from: string, to: string, after = ''): string {
  const start = text.indexOf(after);
  const at = text.indexOf(from, start);
  assert.ok(start >= 0 && at >= 0, `“${from}” is not in the recording`);
  return text.slice(0, at) + to + text.slice(at + from.length);
}

/** Without the event that begins with these lines. */
function without(text: string, beginning: string): string {
  const start = text.indexOf(beginning);
  const end = text.indexOf('\n      - ', start + beginning.length);
  assert.ok(start >= 0 && end >= 0, beginning);
  return text.slice(0, start) + text.slice(end + 1);
}

const check = (text: string): Promise<RecordingCheck> =>
  checkRecording(readRecording(text, 'x.strata-run'), () => undefined);

/** `where: recorded → replayed`, each side from its first line that tells it from the other. */
async function divergence(text: string): Promise<string> {
  const { verdict, divergence: found } = await check(text);
  if (!found) return verdict;
  const [left, right] = [found.recorded.split('\n'), found.actual.split('\n')];
  let differs = 0;
  while (left[differs] === right[differs]) differs += 1;
  return `${found.message}: ${left[differs]?.trim()} → ${right[differs]?.trim()}`;
}

test('a recording replays from its text alone, and what it says is what the log said', async (t) => {
  const text = await recorded(t);
  const { verdict, steps, task } = await check(text);
  assert.deepEqual({ verdict, steps, task }, { verdict: 'equal', steps: 13, task: 'Append' });
  const recording = readRecording(text, 'x.strata-run');
  assert.equal(writeRecording(recording.log, recording.root), text);
});

test('it holds no path of the machine, no hash of ours and no streamed text', async (t) => {
  const text = await recorded(t);
  assert.ok(!text.includes('/world'));
  assert.ok(!/[0-9a-f]{64}/.test(text));
  assert.ok(!text.includes('step.output'));
});

const READ_ENDS = 'type: step.finished\n        step: "6"';
const FIRST_CHAT = 'type: step.finished\n        step: "5"';

/** Each edit by hand, and the place where the replay fails because of it. */
const EDITS: readonly (readonly [string, (text: string) => string, RegExp])[] = [
  [
    'the result of a tool',
    (text) => edit(text, 'text: one', 'text: ONE', READ_ENDS),
    /^The replay diverges at step 7 \(Model call code\): - text: one → - text: ONE$/,
  ],
  [
    'that a tool failed',
    (text) => edit(text, 'isError: false', 'isError: true', READ_ENDS),
    /at step 7 .*: isError: false → isError: true$/,
  ],
  [
    'which tool a model asked for',
    (text) => edit(text, 'tool: files_read', 'tool: mail_send', FIRST_CHAT),
    /at step 6 \(files_read\): files_read → Approval mail_send$/,
  ],
  [
    'the arguments that a model gave',
    (text) => edit(text, 'path: a.txt', 'path: b.txt', FIRST_CHAT),
    /at step 6 \(files_read\): path: a.txt → path: b.txt$/,
  ],
  [
    'the arguments that a tool is recorded with',
    (text) => edit(text, 'path: a.txt', 'path: b.txt', 'step: "6"'),
    /at step 6 \(files_read\): path: b.txt → path: a.txt$/,
  ],
  [
    'what a person decided',
    (text) => edit(text, 'allowed: true', 'allowed: false'),
    /at step 11 \(mail_send\): undefined → refusal: The user refused this call: go ahead/,
  ],
  [
    'a message of the conversation that a model was asked with',
    (text) => edit(text, 'text: one', 'text: other', 'conversations:'),
    /at step 7 .*: - text: other → - text: one$/,
  ],
  [
    'the description of a tool that a model was shown',
    (text) => edit(text, 'description: Read.', 'description: Reads.', '\ntools:'),
    /at step 5 .*: description: Reads. → description: Read.$/,
  ],
  [
    'the list of tools that were found',
    (text) => edit(text, 'description: Read.', 'description: Reads.'),
    /at step 5 .*: description: Read. → description: Reads.$/,
  ],
  [
    'the task of the run',
    (text) => edit(text, 'task: Append', 'task: Remove', 'depth'),
    /at step 3 \(Recall episodes\)/,
  ],
  [
    'the task in the head of the run',
    (text) => edit(text, 'task: Append', 'task: Remove'),
    /^The recording contradicts itself: the task: Remove → Append$/,
  ],
  [
    'the prompt of the agent',
    (text) => edit(text, 'You are a software engineer', 'You are a poet'),
    /at step 5 .*: .*software engineer.* → .*poet/,
  ],
  [
    'the last answer of the model',
    (text) => edit(text, '- one line more', '- one line less', 'step: "12"'),
    /at step 13 \(Remember episode\): .*one line more → .*one line less$/,
  ],
  [
    'the answer of the run',
    (text) => edit(text, '- one line more', '- one line less', 'type: run.finished'),
    /at its end: - one line less → - one line more$/,
  ],
  [
    'how the run ended',
    (text) => edit(text, 'outcome: succeeded', 'outcome: failed', 'type: run.finished'),
    /contradicts itself: the end of the run: failed, with an answer → succeeded$/,
  ],
  [
    'the number of files',
    (text) => edit(text, 'files: 1 }', 'files: 0 }', 'kind: index'),
    /at step 5 .*Append → /,
  ],
  [
    'the files that a tool changed',
    (text) => edit(text, 'paths: [ a.txt ]', 'paths: [ b.txt ]'),
    /at step 13 \(Remember episode\): - a.txt → - b.txt$/,
  ],
  [
    'the tree that a tool left',
    (text) => text.replace(/(after: )[0-9a-f]{40}/, `$1${'f'.repeat(40)}`),
    /contradicts itself: the tree after step 8: f{40} → /,
  ],
  [
    'a step that is gone',
    (text) => without(without(text, '      - type: step.started\n        step: "6"'), `      - ${READ_ENDS}`),
    /at step 6: nothing → files_read$/,
  ],
  [
    'the end of a step that is gone',
    (text) => without(text, `      - ${READ_ENDS}`),
    /contradicts itself: step 6 has no end, and more comes after it: no end → it had one$/,
  ],
  [
    'the number of a step',
    (text) => text.replaceAll('step: "6"', 'step: "66"').replaceAll('step: "7"', 'step: "67"'),
    /stands after step/,
  ],
];

for (const [what, change, expected] of EDITS) {
  test(`it fails when ${what} is edited`, async (t) => {
    const text = await recorded(t);
    const edited = change(text);
    assert.notEqual(edited, text);
    const said = await divergence(edited).catch(messageOf);
    assert.match(said, expected);
  });
}

test('an edit of what nothing depends on is harmless: cost, time, notes', async (t) => {
  let text = await recorded(t);
  text = edit(text, 'usd: 0.001', 'usd: 0.002');
  text = text.replace(/durationMs: \d+/, 'durationMs: 99999').replace(/began: 2026/, 'began: 2027');
  text = edit(text, 'code: the only model', 'code: said something else');
  assert.equal(await divergence(text), 'equal');
});

test('a cost that would have stopped the run is not harmless', async (t) => {
  const text = edit(await recorded(t), 'usd: 0.001', 'usd: 1000');
  assert.match(await divergence(text), /at step 7 .*: Model call code → Breaker cost$/);
});

test('a text that is edited everywhere alike is another recording, and passes', async (t) => {
  const text = (await recorded(t)).replaceAll('text: one', 'text: redacted');
  assert.equal(await divergence(text), 'equal');
});

test('the divergence is at the event of its step in the file', async (t) => {
  const text = edit(await recorded(t), 'text: one', 'text: ONE', READ_ENDS);
  const { divergence: found } = await check(text);
  const lines = text.split('\n').slice(found?.place.start.line);
  assert.match(lines.slice(0, 2).join('\n'), /type: step.started\n {8}step: "7"/);
});
