import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Json } from '../../extension/src/base/json.ts';
import { forkRun, fromPayload, resultForm, startRun } from '../../extension/src/core/orchestration/index.ts';
import type { ForkRequest } from '../../extension/src/core/orchestration/index.ts';
import { textOf } from '../../extension/src/protocol/message.ts';
import { originOf, shortOrigin, wholeOriginOf } from '../../extension/src/protocol/origin-label.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';
import { isLedByWorkflow, promptAt } from '../../extension/src/vscode/commands/prompt-at.ts';
import { positionsOf, stepThen } from '../../webview/src/past.ts';
import { createOutline } from '../../webview/src/outline.ts';
import { timeScale } from '../../webview/src/time-scale.ts';
import { agentNamed, calls, inputFor, says, smallWorld } from '../support/small-world.ts';
import type { SmallWorld } from '../support/small-world.ts';

const allow = { '*': 'allow' } as const;
const solo = inputFor('do it', allow, agentNamed('solo'));
const workflow = {
  ...solo,
  agents: { solo: agentNamed('solo') },
  program: {
    kind: 'workflow' as const,
    workflow: {
      name: 'flow',
      description: '',
      nodes: [{ id: 'one', kind: 'agent' as const, agent: 'solo', task: '{{task}}', retries: 0 }],
      edges: [],
    },
  },
};

/** A model that reads a file, and answers with its prompt, its route and what it was told. */
function world(t: TestContext): SmallWorld {
  const small = smallWorld({
    model: (messages, _call, { route }) => {
      const heard = messages.filter(({ role }) => role === 'tool' || role === 'user').map(textOf);
      const prompt = messages[0] ? textOf(messages[0]) : '';
      const read = messages.filter(({ role }) => role === 'tool').length;
      return read < 2
        ? calls('files_read', { path: 'a.txt' })
        : says([prompt, route, ...heard.slice(1)].join(' | '));
    },
  });
  t.after(() => small.dispose());
  return small;
}

function viewOf(small: SmallWorld, run: string): RunView {
  const view = foldRun(small.store.read(run));
  assert.ok(view);
  return view;
}

/** The steps of a kind, in order. */
function stepsOf(view: RunView, kind: string): string[] {
  return view.steps.filter((step) => step.kind === kind).map(({ id }) => id);
}

async function forked(
  small: SmallWorld,
  request: ForkRequest,
): Promise<{ readonly view: RunView; readonly answer: string }> {
  const handle = forkRun(small.environment, request);
  const end = await handle.ended;
  assert.equal(end.status, 'succeeded', String(end.error));
  return { view: viewOf(small, handle.run), answer: end.answer ?? '' };
}

test('a fork of a fork hears what is said to it, and nothing twice', async (t) => {
  const small = world(t);
  const source = startRun(small.environment, solo);
  await source.ended;
  const [firstRead = ''] = stepsOf(viewOf(small, source.run), 'tool');
  const prompted = await forked(small, {
    run: source.run,
    step: firstRead,
    edit: { prompt: 'You are brief.' },
  });
  assert.equal(prompted.answer, 'You are brief. | code | one | one');
  const [steer = ''] = stepsOf(prompted.view, 'steer');
  const [, secondRead = ''] = stepsOf(prompted.view, 'tool');

  const afterIt = { run: prompted.view.id, step: secondRead };
  const other = await forked(small, { ...afterIt, edit: { prompt: 'You are long.' } });
  assert.equal(other.answer, 'You are long. | code | one | one');
  assert.equal(stepsOf(other.view, 'steer').length, 2);
  const routed = await forked(small, { ...afterIt, edit: { route: 'fast' } });
  assert.equal(routed.answer, 'You are brief. | fast | one | one', 'the prompt of the fork still holds');
  const unchanged = await forked(small, afterIt);
  assert.equal(unchanged.answer, prompted.answer);
  assert.equal(stepsOf(unchanged.view, 'steer').length, 1);
  const before = await forked(small, { run: prompted.view.id, step: firstRead });
  assert.deepEqual(stepsOf(before.view, 'steer'), [], 'what was said after the step is not taken over');

  const read = (view: RunView, step: string): string =>
    promptAt(view, step, (payload) => fromPayload(small.store, payload));
  assert.equal(read(prompted.view, firstRead), 'You are the solo.');
  assert.equal(read(prompted.view, steer), 'You are brief.');
  assert.equal(read(other.view, stepsOf(other.view, 'chat').at(-1) ?? ''), 'You are long.');

  assert.equal(
    originOf(prompted.view),
    `Forked from ${source.run} at step ${firstRead}, with another prompt`,
  );
  assert.equal(shortOrigin(routed.view), `fork at step ${secondRead} with fast`);
  assert.equal(shortOrigin(unchanged.view), `fork at step ${secondRead}`);
  // Another model goes by its name, and by its address where there is room.
  const [model, place] = ['openai/qwen3:30b', 'at http://127.0.0.1:8080/v1 (key work)'];
  const far = structuredClone(routed.view);
  for (const said of far.steering)
    if (said.route !== undefined) Object.assign(said, { route: `${model} ${place}` });
  assert.equal(shortOrigin(far), `fork at step ${secondRead} with ${model}`);
  assert.match(originOf(far), new RegExp(`^Forked from \\S+ at step ${secondRead}, with ${model}$`));
  assert.equal(wholeOriginOf(far), `${originOf(far)} ${place}`);
});

test('what a fork took over is there from its first moment on, and takes none of its time', async (t) => {
  const small = world(t);
  const source = startRun(small.environment, solo);
  await source.ended;
  const [step = ''] = stepsOf(viewOf(small, source.run), 'tool');
  const { view } = await forked(small, { run: source.run, step });
  const taken = view.steps.slice(0, view.steps.findIndex(({ id }) => id === step) + 1);
  assert.ok(taken.every(({ durationMs = 0 }) => durationMs > 0));
  // However long it had taken there.
  for (const one of taken) one.durationMs = 60_000;
  const scale = timeScale(view, view.endedAt ?? 0);
  const outline = createOutline(view);
  const barOf = (one: StepView | undefined) => {
    const row = outline.row(one?.id);
    assert.ok(row);
    return scale.bar(row);
  };
  for (const one of taken) {
    assert.deepEqual(barOf(one), { start: 0, length: 0 });
    assert.equal(stepThen(view, one, view.startedAt).status, 'finished');
  }
  assert.ok((positionsOf([view]).at(-1) ?? Infinity) <= (view.endedAt ?? 0));
  assert.ok(barOf(view.steps.at(-1)).start > 0);
});

test('a result is changed as the text that it is, and the run goes on with that', async (t) => {
  const small = world(t);
  const source = startRun(small.environment, solo);
  await source.ended;
  const view = viewOf(small, source.run);
  const [step = ''] = stepsOf(view, 'tool');
  const output = view.steps.find(({ id }) => id === step)?.output;
  const form = resultForm(output ? fromPayload(small.store, output) : null);
  assert.equal(form.kind, 'text');
  assert.equal(form.text, 'one');
  const read = form.read('something\n"else"');
  assert.ok('result' in read);
  const { view: fork, answer } = await forked(small, { run: source.run, step, result: read.result });
  assert.match(answer, /something\n"else" \| one$/);
  assert.equal(shortOrigin(fork), `fork at step ${step} with another result`);
  for (const result of [5, 'text', null, ['a'], { text: 'a' }, { content: ['a'] }])
    assert.throws(() => forkRun(small.environment, { run: source.run, step, result }), {
      code: 'not-forkable',
      message: /Its result (is an object|has a list `content`)/,
    });
});

test('a result that is no single text is changed as JSON', () => {
  const recorded: Json = { decision: 'allowed' };
  const form = resultForm(recorded);
  assert.equal(form.kind, 'json');
  assert.deepEqual(form.read(form.text), { result: recorded });
  assert.deepEqual(form.read('{'), { wrong: 'The result of this step is JSON.' });
  assert.deepEqual(form.read('[]'), { wrong: 'Its result is an object.' });
  const text = (structured: Json): Json => ({
    content: [{ type: 'text', text: 'a' }],
    isError: true,
    structured,
  });
  assert.deepEqual(resultForm(text({ a: 1 })).read('b'), {
    result: { content: [{ type: 'text', text: 'b' }], isError: true },
  });
});

test('a run that a workflow leads is forked as it is, and no prompt or model is given to it', async (t) => {
  const small = world(t);
  const source = startRun(small.environment, workflow);
  await source.ended;
  const view = viewOf(small, source.run);
  const step = view.steps[0]?.id ?? '';
  assert.ok(isLedByWorkflow(view, (payload) => fromPayload(small.store, payload)));
  for (const edit of [{ text: 'a' }, { route: 'fast' }, { prompt: 'You.' }])
    assert.throws(() => forkRun(small.environment, { run: source.run, step, edit }), {
      code: 'not-forkable',
      message: /A workflow leads it/,
    });
  assert.equal((await forked(small, { run: source.run, step })).view.origin.kind, 'fork');
});
