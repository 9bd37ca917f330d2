import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StrataError } from '../../extension/src/base/errors.ts';
import { findRun } from '../../extension/src/vscode/replay-debugger/source.ts';
import { DebugClient } from '../support/debug-client.ts';
import { longRun, plannedRun, RUN } from '../support/walked-runs.ts';

async function started(given: object = {}): Promise<DebugClient> {
  const client = new DebugClient(plannedRun());
  await client.start(given);
  return client;
}

async function walked(client: DebugClient, ...moves: readonly string[]): Promise<string> {
  for (const move of moves) await client.move(move);
  return client.seen.join('\n');
}

const breakAt = (...names: readonly (string | object)[]): object => ({
  breakpoints: names.map((name) => (typeof name === 'string' ? { name } : name)),
});

describe('moving', () => {
  test('over, in, out, and back over the boundary of a sub-agent', async () => {
    const moves = ['next', 'next', 'stepIn', 'next', 'stepBack', 'stepBack', 'stepIn', 'stepOut', 'stepBack'];
    assert.equal(
      await walked(await started(), ...moves),
      `
start: entry, At the first step: planner · 1 Recall episodes (7)
next: step: planner · 2 Model call claude-sonnet-4-5 (10)
next: step: planner · 3 Sub-agent coder (15)
stepIn: step: coder · 1 Model call claude-sonnet-4-5 (7) < planner · 3 Sub-agent coder (15)
next: step: coder · 2 files_edit (10) < planner · 3 Sub-agent coder (15)
stepBack: step: coder · 1 Model call claude-sonnet-4-5 (7) < planner · 3 Sub-agent coder (15)
stepBack: step: planner · 3 Sub-agent coder (15)
stepIn: step: coder · 1 Model call claude-sonnet-4-5 (7) < planner · 3 Sub-agent coder (15)
stepOut: step: planner · 4 Merge coder (19)
stepBack: step: planner · 3 Sub-agent coder (15)`.trim(),
    );
  });

  test('to the end and back to the beginning, where it stays', async () => {
    const client = await started();
    await client.request('setExceptionBreakpoints', { filters: [] });
    assert.equal(
      await walked(client, 'stepBack', 'continue', 'next', 'stepBack', 'reverseContinue'),
      `
start: entry, At the first step: planner · 1 Recall episodes (7)
stepBack: step, At the first step: planner · 1 Recall episodes (7)
continue: step, At the end of the run: reviewer · end (60)
next: step, At the end of the run: reviewer · end (60)
stepBack: step: reviewer · 9 Model call claude-sonnet-4-5 (56)
reverseContinue: step, At the first step: planner · 1 Recall episodes (7)`.trim(),
    );
  });

  test('to a line that was pointed at, also in a sub-run that was not entered', async () => {
    const client = await started();
    const source = { path: `strata-replay:/${RUN}-3/coder.strata-transcript` };
    const { body } = await client.ask('gotoTargets', { source, line: 12 });
    const [target] = (body as { targets: { id: number; label: string }[] }).targets;
    assert.equal(target?.label, 'coder · 2 files_edit');
    await client.move('goto', { targetId: target.id });
    await client.move('goto', { targetId: 999 });
    assert.deepEqual(client.seen.slice(1), [
      'goto: goto: coder · 2 files_edit (10) < planner · 3 Sub-agent coder (15)',
      'goto: The debugger does not know this target any more. Ask for the call stack again.',
    ]);
  });

  test('to the first step of a frame, and of the run', async () => {
    const client = await started();
    await client.request('setFunctionBreakpoints', breakAt('files_edit'));
    await client.move('continue');
    const [top, caller] = await client.stack();
    await client.move('restartFrame', { frameId: top?.id });
    await client.move('continue');
    assert.notEqual((await client.stack())[1]?.id, caller?.id);
    await client.move('restart');
    assert.match(
      (await client.ask('scopes', { frameId: caller?.id })).message ?? '',
      /does not know this frame/,
    );
    assert.deepEqual(client.seen.slice(1), [
      'continue: function breakpoint: coder · 2 files_edit (10) < planner · 3 Sub-agent coder (15)',
      'restartFrame: restart: coder · 1 Model call claude-sonnet-4-5 (7) < planner · 3 Sub-agent coder (15)',
      'continue: function breakpoint: coder · 2 files_edit (10) < planner · 3 Sub-agent coder (15)',
      'restart: entry, At the first step: planner · 1 Recall episodes (7)',
    ]);
  });

  test('into one of several things inside', async () => {
    const client = await started();
    await client.request('setFunctionBreakpoints', breakAt('kind:node'));
    await client.move('continue');
    const [frame] = await client.stack();
    const { body } = await client.ask('stepInTargets', { frameId: frame?.id });
    const [target] = (body as { targets: { id: number; label: string }[] }).targets;
    assert.equal(target?.label, 'reviewer, judge · 8.1 Sub-agent critic');
    await client.move('stepIn', { targetId: target.id });
    assert.match(
      client.seen.at(-1) ?? '',
      /^stepIn: step: reviewer, judge · 8\.1 Sub-agent critic \(52\) < /,
    );
  });
});

describe('breakpoints', () => {
  test('on a tool, an agent, a model with a condition, and on what failed, in both directions', async () => {
    const client = await started();
    await client.request(
      'setFunctionBreakpoints',
      breakAt('shell_*', 'files_edit', 'agent:reviewer', {
        name: 'model:claude*',
        condition: 'cost > 0.0045',
      }),
    );
    const forward = ['continue', 'continue', 'continue', 'continue', 'continue', 'continue'];
    const backward = forward.map(() => 'reverseContinue');
    assert.equal(
      await walked(client, ...forward, ...backward),
      `
start: entry, At the first step: planner · 1 Recall episodes (7)
continue: function breakpoint: coder · 2 files_edit (10) < planner · 3 Sub-agent coder (15)
continue: function breakpoint: planner · 6 shell_run (29)
continue: function breakpoint: reviewer · 8 Node judge (49)
continue: exception, Failed Steps, Anthropic refused the key (401).: critic · 1 Model call review (7) < reviewer, judge · 8.1 Sub-agent critic (52) < reviewer · 8 Node judge (49)
continue: function breakpoint: reviewer · 9 Model call claude-sonnet-4-5 (56)
continue: step, At the end of the run: reviewer · end (60)
reverseContinue: function breakpoint: reviewer · 9 Model call claude-sonnet-4-5 (56)
reverseContinue: exception, Failed Steps, Anthropic refused the key (401).: critic · 1 Model call review (7) < reviewer, judge · 8.1 Sub-agent critic (52) < reviewer · 8 Node judge (49)
reverseContinue: function breakpoint: reviewer · 8 Node judge (49)
reverseContinue: function breakpoint: planner · 6 shell_run (29)
reverseContinue: function breakpoint: coder · 2 files_edit (10) < planner · 3 Sub-agent coder (15)
reverseContinue: step, At the first step: planner · 1 Recall episodes (7)`.trim(),
    );
  });

  test('on lines, set before the run is open, move to the heading of their step and stop a walk without entry', async () => {
    const client = new DebugClient(plannedRun());
    await client.request('initialize', { adapterID: 'strata-replay' });
    assert.deepEqual(await client.lines(RUN, 'planner', { line: 31 }), {
      breakpoints: [
        {
          ...{ id: 1, verified: false, line: 31 },
          message: 'It is not in a run that is open in this session.',
        },
      ],
    });
    await client.request('launch', { run: RUN, stopOnEntry: false });
    assert.deepEqual(client.events('breakpoint'), [
      { reason: 'changed', breakpoint: { id: 1, verified: true, line: 29 } },
    ]);
    assert.deepEqual(await client.lines(`${RUN}-3`, 'coder', { line: 10 }), {
      breakpoints: [{ id: 2, verified: true, line: 10 }],
    });
    await client.move('configurationDone');
    await client.move('continue');
    await client.move('reverseContinue');
    assert.deepEqual(client.seen, [
      'configurationDone: breakpoint: coder · 2 files_edit (10) < planner · 3 Sub-agent coder (15)',
      'continue: breakpoint: planner · 6 shell_run (29)',
      'reverseContinue: breakpoint: coder · 2 files_edit (10) < planner · 3 Sub-agent coder (15)',
    ]);
  });

  test('with a condition, and those that only log', async () => {
    const client = await started();
    await client.lines(
      RUN,
      'planner',
      { line: 10, logMessage: 'planned for {cost}, {messages[0].text} {nothing}' },
      { line: 15, condition: 'kind == "tool"' },
      { line: 29, condition: 'result contains "cents" && durationMs >= 4100' },
    );
    await client.move('continue');
    assert.deepEqual(client.seen.slice(1), [
      '  console: planned for 0.004, You plan. {nothing}',
      'continue: breakpoint: planner · 6 shell_run (29)',
    ]);
  });

  test('that cannot be understood say so, and the others hold', async () => {
    const client = await started();
    const answer = await client.request(
      'setFunctionBreakpoints',
      breakAt('color:red', 'kind:nothing', { name: 'files_edit', condition: 'cost >' }, 'shell_run'),
    );
    const { breakpoints } = answer as { breakpoints: { verified: boolean; message?: string }[] };
    assert.deepEqual(
      breakpoints.map(({ verified, message }) => message?.split('. ')[0] ?? verified),
      [
        '"color:red" is no breakpoint',
        '"kind:nothing" is no breakpoint',
        '"cost >" cannot be read: ">" is no part of a path',
        true,
      ],
    );
    await client.move('continue');
    assert.equal(client.seen.at(-1), 'continue: function breakpoint: planner · 6 shell_run (29)');
  });

  test('on tools that answered with an error, and on what was tried again', async () => {
    const client = await started();
    await client.request('setExceptionBreakpoints', { filters: ['tool-errors', 'interrupted'] });
    assert.equal(
      await walked(client, 'continue', 'continue', 'continue', 'continue'),
      `
start: entry, At the first step: planner · 1 Recall episodes (7)
continue: exception, Interrupted and Retried Steps, The model is overloaded.: planner · 5 Model call code (23)
continue: exception, Interrupted and Retried Steps: planner · 5 Model call claude-sonnet-4-5 (26)
continue: exception, Tool and Sub-Agent Errors: planner · 6 shell_run (29)
continue: exception, Tool and Sub-Agent Errors: reviewer, judge · 8.1 Sub-agent critic (52) < reviewer · 8 Node judge (49)`.trim(),
    );
    assert.deepEqual(await client.request('exceptionInfo', { threadId: 1 }), {
      ...{ exceptionId: 'Tool and Sub-Agent Errors', description: 'Tool and Sub-Agent Errors' },
      breakMode: 'always',
    });
  });
});

describe('looking', () => {
  test('at a tool call: its arguments and result, and the run as it stood there', async () => {
    const client = await started();
    await client.request('setFunctionBreakpoints', breakAt('shell_run'));
    await client.move('continue');
    assert.deepEqual(await client.scope('Arguments'), ['command = "npm test"']);
    assert.match((await client.scope('Result')).join('\n'), /^text = "✖ rounds to cents/m);
    assert.deepEqual(await client.scope('Messages'), [
      '0 = system: You plan.',
      '1 = user: Apply the discount to the total. Keep all tests passing.',
      '2 = assistant: I give the change to the coder. calls agent_coder',
      '3 = tool: total() applies the discount.',
      '4 = assistant: calls shell_run',
    ]);
    assert.deepEqual(await client.scope('Messages', { filter: 'indexed', start: 3, count: 1 }), [
      '3 = tool: total() applies the discount.',
    ]);
    assert.match((await client.scope('Memory')).join('\n'), /^step 1 = .*Add the discount column/);
    assert.deepEqual((await client.scope('Files')).slice(0, 2), [
      'changedBefore = 1',
      `treeBefore = "${'b'.repeat(40)}"`,
    ]);
    assert.deepEqual(await client.scope('Budget'), [
      'spentBefore = $0.0130',
      'spentAfter = $0.0130',
      'dollars = 0.037 left of 0.05',
      'modelCalls = 48 left of 50',
    ]);
  });

  test('at a caller: its own step and its own run', async () => {
    const client = await started();
    await client.request('setFunctionBreakpoints', breakAt('files_edit'));
    await client.move('continue');
    const scopes = await client.scopes(1);
    const input = scopes.find(({ name }) => name === 'Input');
    assert.deepEqual(
      (await client.variables(input?.variablesReference ?? 0)).map(({ name, value }) => `${name} = ${value}`),
      ['task = "Change total()"', `from = "${'a'.repeat(40)}"`],
    );
  });

  test('every value can be reached by the path that it says', async () => {
    const client = await started();
    await client.request('setFunctionBreakpoints', breakAt('shell_run'));
    await client.move('continue');
    let opened = 0;
    const visit = async (reference: number): Promise<void> => {
      for (const one of await client.variables(reference)) {
        opened += 1;
        const context = 'watch';
        const { body } = await client.ask('evaluate', { expression: one.evaluateName, context });
        assert.ok(body, `${one.evaluateName ?? ''} is not there`);
        if (one.variablesReference > 0) await visit(one.variablesReference);
      }
    };
    for (const { variablesReference } of await client.scopes()) await visit(variablesReference);
    assert.ok(opened > 60, `${opened} values`);
  });

  test('by expressions, in the console and when copying', async () => {
    const client = await started();
    await client.move('next');
    const answers = async (...expressions: string[]): Promise<string[]> => {
      const results: string[] = [];
      for (const one of expressions) results.push(`${one}: ${await client.evaluate(one, 'repl')}`);
      return results;
    };
    assert.deepEqual(
      await answers(
        'cost',
        'messages[-1].content[0].text',
        'budget.dollars.left',
        'step 6',
        'input.tools.agent_coder.name',
      ),
      [
        'cost: 0.004',
        'messages[-1].content[0].text: Apply the discount to the total.\nKeep all tests passing.',
        'budget.dollars.left: 0.046',
        'step 6: 6 shell_run',
        'input.tools.agent_coder.name: agent_coder',
      ],
    );
    assert.match(
      await client.evaluate('messages[7]'),
      /^error: There is no messages\[7\] here\. It holds nothing\.$/,
    );
    assert.match(
      await client.evaluate('costs'),
      /^error: There is no costs here\. There is input, result, messages/,
    );
    assert.equal(await client.evaluate('messages[1].role', 'clipboard'), 'user');
    assert.equal(await client.evaluate('step.tokens', 'clipboard'), '{\n  "input": 1200,\n  "output": 80\n}');
    const { body } = await client.ask('completions', { text: 'budget.mo', column: 10 });
    assert.deepEqual(body, { targets: [{ label: 'modelCalls', type: 'property' }] });
  });

  test('at the run: its thread, and the transcripts of all its agents', async () => {
    const client = await started();
    assert.deepEqual(await client.request('threads'), {
      threads: [{ id: 1, name: 'planner: Apply the discount to the total. Keep all tests pa…' }],
    });
    const { sources } = (await client.request('loadedSources')) as { sources: { path: string }[] };
    assert.deepEqual(
      sources.map(({ path }) => path),
      [
        `strata-replay:/${RUN}/planner.strata-transcript`,
        `strata-replay:/${RUN}-3/coder.strata-transcript`,
        `strata-replay:/${RUN}-8_1/critic.strata-transcript`,
      ],
    );
    const source = { path: sources[1]?.path };
    assert.deepEqual(await client.request('breakpointLocations', { source, line: 8, endLine: 10 }), {
      breakpoints: [{ line: 7 }, { line: 10 }],
    });
  });
});

describe('what goes wrong', () => {
  test('a run that is not there, or not clear, is told and can be put right', async () => {
    const client = new DebugClient(plannedRun());
    const launch = async (run: string): Promise<string> =>
      (await client.ask('launch', { run })).message ?? 'ok';
    assert.equal(await launch('r-9'), 'There is no run r-9 in the open folders. Pick one in the Runs view.');
    assert.equal(await launch('xw2d5f'), 'ok');
    assert.equal(await launch('last'), 'ok');
    const ids = ['r-0a1', 'r-0b1', 'r-0b1-3'].map((id) => ({ id }));
    const folder = { list: () => ids, has: () => false, isLive: () => false, log: plannedRun() };
    assert.throws(() => findRun([folder], '1'), /2 runs end with 1\./);
    assert.equal(findRun([folder], 'last').run, 'r-0b1');
    assert.throws(() => findRun([], 'last'), /There is no run here yet\./);
  });

  test('requests before the launch, unknown ones and garbage are answered, and the session goes on', async () => {
    const client = new DebugClient(plannedRun());
    const said = async (command: string, given?: unknown): Promise<string> =>
      (await client.ask(command, given)).message ?? 'ok';
    assert.equal(await said('next'), 'No run is open in this session. Start it with a run.');
    await client.start();
    const before = await client.stack();
    assert.match(await said('toString'), /does not know the request "toString"/);
    assert.match(await said('dance'), /does not know the request "dance"/);
    assert.match(await said('scopes', { frameId: 999 }), /^The debugger does not know this frame/);
    assert.match(await said('scopes', { frameId: 'x' }), /^The request "scopes" cannot be understood/);
    assert.match(
      await said('variables', { variablesReference: -1 }),
      /^The debugger does not know this variable/,
    );
    assert.match(
      await said('setBreakpoints', { source: {}, breakpoints: [{ line: 'one' }] }),
      /cannot be understood/,
    );
    for (const garbage of [undefined, null, 7, 'next', {}, { type: 'request' }, { type: 'event', seq: 1 }]) {
      await client.raw(garbage);
      assert.deepEqual(client.received, []);
    }
    assert.deepEqual(await client.stack(), before);
    await client.move('next');
    assert.equal(await said('scopes', { frameId: before[0]?.id }), 'ok', 'for an editor that is behind');
    assert.equal(client.seen.at(-1), 'next: step: planner · 2 Model call claude-sonnet-4-5 (10)');
  });

  test('a blob that is damaged is shown in its place, once it is looked at', async () => {
    const log = plannedRun();
    const client = new DebugClient({
      ...log,
      getBlob: (id) => {
        throw new StrataError('blob-damaged', `The blob ${id.slice(0, 1)}… is damaged.`, 'Run it again.');
      },
    });
    await client.start();
    await client.request('setExceptionBreakpoints', { filters: [] });
    await client.move('next');
    const [problem] = await client.scope('Messages');
    assert.match(problem ?? '', /^problem = The blob .… is damaged\. Run it again\.$/);
    assert.match(String(client.events('output')[0]?.['output']), /is damaged/);
    assert.match(await client.evaluate('messages[0]'), /^error: The blob/);
    await client.request(
      'setFunctionBreakpoints',
      breakAt({ name: '*', condition: 'messages contains "x"' }),
    );
    await client.move('continue');
    assert.equal(client.seen.at(-1), 'continue: step, At the end of the run: reviewer · end (46)');
    assert.match(client.seen.at(-2) ?? '', /stderr: The blob .… is damaged\./);
  });

  test('a sub-run that is gone is passed over, with a word', async () => {
    const log = plannedRun();
    log.runs.delete(`${RUN}-3`);
    const client = new DebugClient(log);
    await client.start();
    await walked(client, 'next', 'next', 'stepIn');
    assert.deepEqual(client.seen.slice(-2), [
      `  stderr: The sub-run ${RUN}-3 is passed over. The log does not hold it.`,
      'stepIn: step: planner · 4 Merge coder (19)',
    ]);
  });

  test('a run that is still going on is walked as far as it is recorded; restart takes in the rest', async () => {
    const log = plannedRun();
    const run = log.runs.get(RUN);
    assert.ok(run);
    const rest = run.events.splice(12);
    const client = new DebugClient(log);
    client.live = true;
    await client.request('initialize', {});
    await client.request('launch', { run: 'last' });
    assert.match(String(client.events('output')[0]?.['output']), /still going on/);
    await client.request('setExceptionBreakpoints', { filters: [] });
    await client.request('configurationDone');
    await client.move('continue');
    run.events.push(...rest);
    await client.move('restart');
    await client.move('continue');
    assert.deepEqual(client.seen, [
      'continue: step, At the end of the run: planner · end (26)',
      'restart: entry, At the first step: planner · 1 Recall episodes (7)',
      'continue: step, At the end of the run: reviewer · end (60)',
    ]);
  });

  test('the session ends when it is asked to', async () => {
    const client = await started();
    await client.request('terminate');
    assert.deepEqual(client.events('terminated'), [{}]);
    await client.request('disconnect');
    assert.match((await client.ask('next')).message ?? '', /^No run is open/);
  });
});

test('a run of 5,000 steps: each event and each message is read once, however it is walked', async () => {
  const log = longRun(5000);
  let blobs = 0;
  const client = new DebugClient({
    ...log,
    getBlob: (id) => {
      blobs += 1;
      return log.getBlob(id);
    },
  });
  await client.start();
  await client.request('setFunctionBreakpoints', breakAt('step:4*00', 'nothing_*'));
  const afterStart = blobs;
  for (let moves = 0; moves < 60; moves += 1) await client.move('continue');
  assert.equal(client.seen.filter((line) => line.startsWith('continue: function breakpoint')).length, 11);
  assert.match(client.seen.at(-1) ?? '', /^continue: step, At the end of the run: coder · end/);
  for (let moves = 0; moves < 300; moves += 1) {
    await client.move('stepBack');
    const messages = (await client.scopes()).find(({ name }) => name === 'Messages');
    assert.ok((messages?.indexedVariables ?? 0) > 4500);
  }
  assert.deepEqual([...log.reads], [[RUN, 1]]);
  assert.ok(blobs - afterStart < 2500 + 2000, `${blobs - afterStart} blobs read`);
});
