import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrataError } from '../../../extension/src/base/errors.ts';
import type { HostMessage } from '../../../extension/src/protocol/panel.ts';
import { unpackSteps } from '../../../extension/src/protocol/panel-steps.ts';
import type { PanelActions, RunSource } from '../../../extension/src/vscode/trace-panel/ports.ts';
import { PanelSession } from '../../../extension/src/vscode/trace-panel/session.ts';
import { nestedRuns, ROOT } from '../../support/nested-runs.ts';
import { RecordedRun } from '../../support/recorded-run.ts';
import * as runs from '../../support/sample-runs.ts';

/** A session on a run, with a clock that moves by hand. */
function open(run = runs.running(1_000_000), source: RunSource = run) {
  const posted: HostMessage[] = [];
  const said: string[] = [];
  const waiting: (() => void)[] = [];
  const act = (name: string) => (id: string) => {
    said.push(`${name} ${id === run.id ? 'run' : id}`);
    return name === 'apply'
      ? Promise.reject(new StrataError('conflict', 'A file has changed.', 'Merge it.'))
      : Promise.resolve(`${name} done`);
  };
  const actions: PanelActions = {
    stop: act('stop'),
    pause: act('pause'),
    rerun: act('rerun'),
    undo: act('undo'),
    steer: (id, text) => act(`steer ${text}`)(id),
    fork: (id, step) => act(`fork ${step}`)(id),
    decide: (id, step, decision) => act(`${decision} ${step}`)(id),
    openRun: (id, step) => Promise.resolve(void said.push(`run ${id} ${step ?? '-'}`)),
    resume: act('resume'),
    replay: act('replay'),
    apply: act('apply'),
    discard: act('discard'),
    export: act('export'),
    openDiff: (_run, path, step) => Promise.resolve(void said.push(`diff ${path} ${step ?? '-'}`)),
  };
  const session = new PanelSession(run.id, {
    source,
    actions,
    editor: {
      copy: (text) => Promise.resolve(void said.push(`copy ${text}`)),
      openJson: (text) => Promise.resolve(void said.push(`open ${text}`)),
      showError: (message) => void said.push(`error ${message}`),
    },
    post: (message) => void posted.push(message),
    now: () => 1_000_000,
    after: (_ms, callback) => {
      waiting.push(callback);
      return { dispose: () => void waiting.splice(waiting.indexOf(callback), 1) };
    },
  });
  const tick = () => {
    for (const callback of [...waiting]) callback();
  };
  const take = () => posted.splice(0);
  const say = (...texts: string[]) => {
    for (const text of texts) run.append({ type: 'step.output', step: '10', text });
  };
  return { run, session, take, said, tick, say, waiting };
}
const types = (messages: readonly HostMessage[]) => messages.map(({ type }) => type);

test('nothing is posted before the page is there', () => {
  const { say, take, tick } = open();
  say('a');
  tick();
  assert.deepEqual(take(), []);
});

test('the first message is the run, without its payloads', async () => {
  const { session, take, run } = open();
  await session.receive({ type: 'ready' });
  const [message] = take();
  assert.equal(message?.type, 'run');
  assert.equal(unpackSteps(message.steps, 0).length, run.view()?.steps.length);
  assert.ok(!JSON.stringify(message).includes('careful engineer'));
  assert.ok(!JSON.stringify(message).includes('src/till.ts'));
});

test('events of one moment are one message, in their order', async () => {
  const { session, take, say, tick } = open();
  await session.receive({ type: 'ready' });
  take();
  say('a', 'b', 'c');
  assert.deepEqual(take(), []);
  tick();
  const [message, ...more] = take();
  assert.equal(message?.type, 'events');
  assert.deepEqual(more, []);
  assert.deepEqual(
    message.events.map((event) => event.type === 'step.output' && event.text),
    ['a', 'b', 'c'],
  );
});

test('another run is another matter', async () => {
  const { session, take, tick, waiting } = open();
  await session.receive({ type: 'ready' });
  take();
  session.show('r-other');
  assert.deepEqual(types(take()), ['unavailable']);
  tick();
  assert.deepEqual(waiting, []);
});

test('a hidden page gets nothing, and everything when it is back', async () => {
  const { session, take, say, tick } = open();
  await session.receive({ type: 'ready' });
  say('a');
  session.hidden();
  take();
  say('b');
  tick();
  assert.deepEqual(take(), []);
  await session.receive({ type: 'ready' });
  const [message] = take();
  assert.ok(message?.type === 'run');
  assert.match(unpackSteps(message.steps, 0).at(-1)?.streamed ?? '', /ab$/);
});

test('payloads come with their conversations in place', async () => {
  const { session, take } = open();
  await session.receive({
    type: 'payload',
    run: 'r-0001mb3kq7xw2d5f',
    request: 7,
    target: { step: '9', part: 'input' },
  });
  const [message] = take();
  assert.ok(message?.type === 'payload' && message.request === 7 && 'value' in message.result);
  const roles = JSON.stringify(message.result.value).match(/"role":"\w+"/g);
  assert.equal(roles?.length, 6);
  assert.equal(message.result.cut, false);
});

test('a payload of 50 MB is cut for the page and whole for the editor', async () => {
  const { session, run, take, said } = open();
  const huge = 'x'.repeat(50_000_000);
  run.finish('10', 5, { content: [{ type: 'text', text: huge }] });
  const target = { step: '10', part: 'output' };
  await session.receive({ type: 'payload', run: run.id, request: 1, target });
  const [message] = take();
  assert.ok(message?.type === 'payload' && 'cut' in message.result && message.result.cut);
  assert.ok(JSON.stringify(message).length < 2_100_000);
  await session.receive({ type: 'open-payload', run: run.id, target });
  assert.ok((said[0]?.length ?? 0) > 50_000_000);
});

test('actions report how they went', async () => {
  const { session, take, run, said } = open();
  await session.receive({ type: 'action', run: run.id, action: 'stop' });
  await session.receive({ type: 'action', run: run.id, action: 'apply' });
  assert.deepEqual(said, ['stop run', 'apply run']);
  assert.deepEqual(take(), [
    { type: 'action-done', run: run.id, action: 'stop', message: 'stop done' },
    {
      type: 'action-done',
      run: run.id,
      action: 'apply',
      error: { code: 'conflict', message: 'A file has changed.', action: 'Merge it.' },
    },
  ]);
});

test('garbage from the page is dropped', async () => {
  const { session, take, said } = open();
  for (const garbage of [
    undefined,
    'ready',
    { type: 'eval', code: '1' },
    { type: 'action', run: 'r', action: 'delete-everything' },
    { type: 'payload', run: 'r', request: 1, target: { step: '../../etc', part: 'input' } },
    { type: 'open-diff', run: 'r', path: '' },
    { type: 'copy', text: { toString: 'x' } },
  ]) {
    await session.receive(garbage);
  }
  assert.deepEqual([take(), said], [[], []]);
});

test('what is not there is an error with an answer', async () => {
  const { session, take, run } = open();
  const ask = (target: unknown, id = run.id) =>
    session.receive({ type: 'payload', run: id, request: 1, target });
  await ask({ step: '99', part: 'input' });
  await ask({ part: 'output' });
  run.loseBlobs();
  await ask({ step: '9', part: 'input' });
  const codes = take().map(
    (message) => message.type === 'payload' && 'error' in message.result && message.result.error.code,
  );
  assert.deepEqual(codes, ['payload-missing', 'payload-missing', 'unexpected']);
});

test('after its end it holds on to nothing', async () => {
  const { session, take, say, waiting } = open();
  await session.receive({ type: 'ready' });
  say('a');
  take();
  session.dispose();
  assert.deepEqual(waiting, []);
  say('b');
  assert.deepEqual([take(), waiting], [[], []]);
});

test('a received trace that is written anew is posted anew, and not again while it is the same', async () => {
  const imported = (...names: readonly string[]) => {
    run.clear().append({
      type: 'run.started',
      ...{ origin: { kind: 'import', source: 'LangGraph', trace: 'a'.repeat(32) }, agent: 'planner' },
      ...{ task: 'Plan', folder: '/w', route: '', isolation: 'copy', input: { inline: {} }, strata: '0.1.0' },
    });
    for (const [index, name] of names.entries())
      run.append({
        type: 'step.started',
        ...{ step: String(index + 1), kind: 'node', name, effect: 'read', attempt: 1 },
        ...{ inputHash: '0'.repeat(64), input: { inline: {} } },
      });
  };
  const { run, session, take } = open();
  imported('search');
  await session.receive({ type: 'ready' });
  take();
  session.refresh();
  assert.deepEqual(types(take()), ['events']);
  imported('search', 'write');
  // Its events were told with the run of the test; only what is posted at the refresh counts.
  take();
  session.refresh();
  const [message] = take();
  assert.equal(message?.type, 'run');
  assert.deepEqual(
    unpackSteps(message.steps, 0).map(({ name }) => name),
    ['search', 'write'],
  );
  session.refresh();
  assert.deepEqual(types(take()), ['events']);
});

const READER = `${ROOT}-3`;
/** A session on the run of a team, with the page there. */
async function openTeam() {
  const team = nestedRuns({ live: true });
  const opened = open(team.root, team);
  await opened.session.receive({ type: 'ready' });
  opened.take();
  const ask = async (run: string, after?: number) => {
    await opened.session.receive({ type: 'sub-run', run, ...(after === undefined ? {} : { after }) });
  };
  const event = (run: string, text: string) =>
    team.runs.get(run)?.append({ type: 'step.output', step: '3', text });
  const texts = () =>
    opened
      .take()
      .flatMap((message) => (message.type === 'events' ? message.events : []))
      .map((one) => (one.type === 'step.output' ? one.text : one.type));
  return { ...opened, team, ask, event, texts };
}

test('a sub-run is posted when it is asked for, and then only what is appended to it', async () => {
  const { ask, event, texts, take, tick } = await openTeam();
  event(READER, 'before');
  tick();
  assert.deepEqual(take(), [], 'nobody asked for it');
  await ask(READER);
  const [message, ...more] = take();
  assert.ok(message?.type === 'sub-run' && 'steps' in message && message.total === 3);
  assert.deepEqual(more, []);
  event(READER, 'after');
  event(`${ROOT}-7`, 'of another one');
  tick();
  assert.deepEqual(texts(), ['after']);
});

test('a page that has some of it gets the rest', async () => {
  const { ask, event, texts, tick, team } = await openTeam();
  const last = team.runs.get(READER)?.view()?.lastSeq ?? 0;
  event(READER, 'one');
  event(READER, 'two');
  await ask(READER, last + 1);
  tick();
  assert.deepEqual(texts(), ['two']);
});

test('a sub-run that begins later is posted when it does, and one that is gone is an error', async () => {
  const { ask, team, take, tick, session } = await openTeam();
  const late = `${ROOT}-10`;
  await ask(late);
  const [message] = take();
  assert.ok(message?.type === 'sub-run' && 'error' in message && message.error.code === 'run-missing');
  session.refresh();
  assert.deepEqual(types(take()), ['events']);
  const run = new RecordedRun(late, 0);
  team.add(run);
  run.start('Later', 'reader').begin('1', 'tool', 't', {});
  tick();
  const [begun, events] = take();
  assert.ok(begun?.type === 'sub-run' && 'steps' in begun && begun.total === 1);
  assert.ok(events?.type === 'events' && events.events.length === 0, 'nothing is sent twice');
});

test('a long sub-run comes in pages, and its events after them', async () => {
  const { ask, team, take, tick, event } = await openTeam();
  const run = team.runs.get(READER);
  for (let n = 10; n < 10_020; n++) run?.begin(String(n), 'tool', 't', {});
  tick();
  take();
  await ask(READER);
  event(READER, 'meanwhile');
  tick();
  const posted = take();
  assert.deepEqual(types(posted), ['sub-run', 'steps', 'events']);
  const [first, second] = posted;
  assert.ok(first?.type === 'sub-run' && 'steps' in first && second?.type === 'steps');
  assert.equal(second.run, READER);
  assert.equal(unpackSteps(first.steps, 0).length + unpackSteps(second.steps, 0).length, first.total);
});

test('a long run that stands still is posted anew when it goes on before all its pages are', async () => {
  const run = new RecordedRun('r-long', 0);
  run.start('Count', 'counter');
  for (let n = 1; n <= 10_010; n++) run.begin(String(n), 'tool', 't', {});
  run.append({ type: 'run.paused', reason: { code: 'budget', message: 'It is spent.' } });
  const { session, take, tick } = open(run);
  await session.receive({ type: 'ready' });
  assert.deepEqual(types(take()), ['run']);
  run.append({ type: 'run.resumed', owner: 'window-2' });
  run.append({ type: 'step.output', step: '10005', text: 'after' });
  tick();
  const [first, second, events, ...others] = take();
  assert.ok(first?.type === 'run' && second?.type === 'steps' && events?.type === 'events');
  assert.deepEqual(others, []);
  const steps = [first, second].flatMap((message) => unpackSteps(message.steps, 0));
  assert.equal(steps.length, first.total);
  const text = events.events.map((event) => (event.type === 'step.output' ? event.text : '')).join('');
  assert.equal((steps[10_004]?.streamed ?? '') + text, 'after', 'once, and not lost');
});

test('another run, or a hidden page, ends what was followed', async () => {
  const { ask, event, texts, tick, session } = await openTeam();
  await ask(READER);
  session.hidden();
  await session.receive({ type: 'ready' });
  texts();
  event(READER, 'unheard');
  tick();
  assert.deepEqual(texts(), []);
});
