import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import * as z from 'zod';
import { keepRuns } from '../../support/keep-runs.ts';
import { plannedRun, RUN } from '../../support/walked-runs.ts';
import { becomes, loadedBundles, strata, workspace } from './strata.ts';

const frames = z.object({
  stackFrames: z.array(z.object({ id: z.number(), name: z.string(), line: z.number() })),
});
const scopes = z.object({
  scopes: z.array(z.object({ name: z.string(), variablesReference: z.number() })),
});
const variables = z.object({ variables: z.array(z.object({ name: z.string(), value: z.string() })) });
const stoppedEvent = z.object({
  type: z.literal('event'),
  event: z.literal('stopped'),
  body: z.object({ reason: z.string() }),
});
const planner = vscode.Uri.parse(`strata-replay:/${RUN}/planner.strata-transcript`);
const coder = vscode.Uri.parse(`strata-replay:/${RUN}-3/coder.strata-transcript`);

describe('the replay debugger', function () {
  this.timeout(60_000);
  const reasons: string[] = [];
  const stops: vscode.Disposable[] = [];

  before(async () => {
    const home = process.env['STRATA_HOME'];
    assert.ok(home, 'the tests have a home of their own');
    keepRuns(plannedRun(), home, workspace());
    await strata();
    stops.push(
      vscode.debug.registerDebugAdapterTrackerFactory('strata-replay', {
        createDebugAdapterTracker: () => ({
          onDidSendMessage: (message: unknown) => {
            const { success, data } = stoppedEvent.safeParse(message);
            if (success) reasons.push(data.body.reason);
          },
        }),
      }),
    );
  });

  afterEach(async () => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await vscode.debug.stopDebugging();
    await becomes(
      () => vscode.debug.activeDebugSession === undefined,
      () => 'the session goes on',
    );
  });

  after(async () => {
    for (const stop of stops) stop.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  const session = (): vscode.DebugSession => {
    const active = vscode.debug.activeDebugSession;
    assert.ok(active, 'no session is active');
    return active;
  };
  /** Waits for one more stop, and answers with its reason and the call stack. */
  const stopAfter = async (work: () => Thenable<unknown>): Promise<string> => {
    const before = reasons.length;
    await work();
    await becomes(
      () => reasons.length > before,
      () => `stopped: ${String(reasons)}`,
    );
    const { stackFrames } = frames.parse(await session().customRequest('stackTrace', { threadId: 1 }));
    return [reasons.at(-1), ...stackFrames.map(({ name, line }) => `${name} (${line})`)].join(' | ');
  };
  const request = (command: string): Promise<string> =>
    stopAfter(() => session().customRequest(command, { threadId: 1 }));

  it('is loaded when a session starts, and not before', async () => {
    assert.ok(!loadedBundles().includes('replay-debugger.cjs'));
    await stopAfter(() => vscode.commands.executeCommand('strata.debugRun', { run: RUN }));
    assert.ok(loadedBundles().includes('replay-debugger.cjs'));
  });

  it('steps over, into a sub-agent, and back out of it', async () => {
    const entry = await stopAfter(() => vscode.commands.executeCommand('strata.debugRun', { run: RUN }));
    assert.deepEqual(
      [entry, await request('next'), await request('next'), await request('stepIn'), await request('next')],
      [
        'entry | planner · 1 Recall episodes (7)',
        'step | planner · 2 Model call claude-sonnet-4-5 (10)',
        'step | planner · 3 Sub-agent coder (15)',
        'step | coder · 1 Model call claude-sonnet-4-5 (7) | planner · 3 Sub-agent coder (15)',
        'step | coder · 2 files_edit (10) | planner · 3 Sub-agent coder (15)',
      ],
    );
    await becomes(
      () => vscode.window.activeTextEditor?.document.uri.toString() === coder.toString(),
      () => `open: ${vscode.window.activeTextEditor?.document.uri.toString() ?? 'nothing'}`,
    );
    assert.deepEqual(
      [await request('stepBack'), await request('stepBack'), await request('stepBack')],
      [
        'step | coder · 1 Model call claude-sonnet-4-5 (7) | planner · 3 Sub-agent coder (15)',
        'step | planner · 3 Sub-agent coder (15)',
        'step | planner · 2 Model call claude-sonnet-4-5 (10)',
      ],
    );
    await becomes(
      () => vscode.window.activeTextEditor?.document.uri.toString() === planner.toString(),
      () => `open: ${vscode.window.activeTextEditor?.document.uri.toString() ?? 'nothing'}`,
    );
    assert.equal(vscode.window.activeTextEditor?.document.languageId, 'strata-transcript');
  });

  it('halts at breakpoints that were set before it started, in both directions', async () => {
    vscode.debug.addBreakpoints([
      new vscode.SourceBreakpoint(new vscode.Location(coder, new vscode.Position(11, 0))),
      new vscode.FunctionBreakpoint('shell_run'),
    ]);
    const run = { type: 'strata-replay', request: 'launch', name: 'test', run: 'last', stopOnEntry: false };
    const first = await stopAfter(() => vscode.debug.startDebugging(undefined, { ...run, run: RUN }));
    assert.deepEqual(
      [first, await request('continue'), await request('reverseContinue')],
      [
        'breakpoint | coder · 2 files_edit (10) | planner · 3 Sub-agent coder (15)',
        'function breakpoint | planner · 6 shell_run (29)',
        'breakpoint | coder · 2 files_edit (10) | planner · 3 Sub-agent coder (15)',
      ],
    );
  });

  it('shows arguments, messages and what is left of the budget', async () => {
    vscode.debug.addBreakpoints([new vscode.FunctionBreakpoint('shell_run')]);
    await stopAfter(() => vscode.commands.executeCommand('strata.debugRun', { run: RUN }));
    await request('continue');
    const [top] = frames.parse(await session().customRequest('stackTrace', { threadId: 1 })).stackFrames;
    const found = scopes.parse(await session().customRequest('scopes', { frameId: top?.id }));
    const shown: Record<string, string[]> = {};
    for (const { name, variablesReference } of found.scopes) {
      const answer = variables.parse(await session().customRequest('variables', { variablesReference }));
      shown[name] = answer.variables.map((one) => `${one.name} = ${one.value}`);
    }
    assert.deepEqual(shown['Arguments'], ['command = "npm test"']);
    assert.equal(shown['Messages']?.length, 5);
    assert.ok(shown['Budget']?.includes('dollars = 0.037 left of 0.05'), String(shown['Budget']));
  });

  it('opens a transcript without a session, with an outline and links to those of its sub-agents', async () => {
    const document = await vscode.workspace.openTextDocument(planner);
    assert.equal(document.languageId, 'strata-transcript');
    assert.match(document.lineAt(14).text, /^3 Sub-agent coder/);
    const symbols = z
      .array(z.object({ name: z.string(), children: z.array(z.object({ name: z.string() })) }))
      .parse(await vscode.commands.executeCommand('vscode.executeDocumentSymbolProvider', planner));
    const outline = symbols.map(({ name, children }) =>
      [name, ...children.map((child) => child.name)].join(' > '),
    );
    assert.deepEqual(outline, [
      ...['1 Recall episodes', '2 Model call claude-sonnet-4-5', '3 Sub-agent coder', '4 Merge coder'],
      ...['5 Model call code', '5 Model call claude-sonnet-4-5', '6 shell_run', '7 Hand-over reviewer'],
      ...['8 Node judge > 8.1 Sub-agent critic', '9 Model call claude-sonnet-4-5', 'Succeeded'],
    ]);
    const links = z
      .array(z.object({ target: z.unknown() }))
      .parse(await vscode.commands.executeCommand('vscode.executeLinkProvider', planner));
    assert.deepEqual(
      links.map(({ target }) => String(target)),
      [coder.toString(), `strata-replay:/${RUN}-8_1/critic.strata-transcript`],
    );
  });
});
