import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { dockerAnswers, needsDocker } from '../harness/docker.ts';
import { skip } from '../harness/skip.ts';
import {
  becomes,
  loadedBundles,
  loadedNatives,
  messagesDuring,
  runAgent,
  strata,
  workspace,
} from './strata.ts';

const runLimitMs = 180_000;
const replay = z.object({ run: z.string(), steps: z.number(), verdict: z.string() });
const task = 'A test of the discounts fails. Find the mistake, fix it, and show that the tests pass.';
const source = async (): Promise<string> =>
  await readFile(path.join(workspace(), 'src', 'discounts.js'), 'utf8');

describe('the coder on the sample workspace', function () {
  this.timeout(runLimitMs);
  let run = '';
  let original = '';

  before(async function () {
    if (!(await dockerAnswers())) skip(this, needsDocker);
    original = await source();
    const result = await runAgent('coder', task);
    assert.equal(result.status, 'succeeded');
    run = result.run;
  });

  it('is listed as succeeded, with its task', async () => {
    const runs = await (await strata()).runs.list();
    const mine = runs.find(({ id }) => id === run);
    assert.equal(mine?.status, 'succeeded');
    assert.equal(mine.task, task);
  });

  it('searched, read, edited, and ran the tests before and after', async () => {
    const view = await (await strata()).runs.view(run);
    const tools = view?.steps.filter(({ kind }) => kind === 'tool').map(({ name }) => name) ?? [];
    for (const tool of ['memory_search', 'files_read', 'files_edit'])
      assert.ok(tools.includes(tool), `${tool} in ${String(tools)}`);
    assert.ok(tools.indexOf('shell_run') < tools.indexOf('files_edit'), String(tools));
    assert.ok(tools.lastIndexOf('shell_run') > tools.lastIndexOf('files_edit'), String(tools));
  });

  it('says what each step cost in tokens', async () => {
    const view = await (await strata()).runs.view(run);
    const calls = view?.steps.filter(({ kind }) => kind === 'chat') ?? [];
    assert.ok(calls.length > 0);
    for (const call of calls) assert.ok((call.model?.usage.input ?? 0) > 0, call.id);
  });

  it('left the files of the workspace as they were', async () => {
    assert.equal(await source(), original);
  });

  it('replays without a divergence', async () => {
    const report = replay.parse(await vscode.commands.executeCommand('strata.replayRun', { run }));
    assert.equal(report.verdict, 'equal');
    const view = await (await strata()).runs.view(run);
    assert.equal(report.steps, view?.steps.length);
  });

  it('puts its change into the workspace when it is applied', async () => {
    await vscode.commands.executeCommand('strata.applyChanges', { run });
    assert.match(await source(), /quantity >= from/);
    assert.notEqual(await source(), original);
  });

  it('opens its trace in an editor tab', async () => {
    await vscode.commands.executeCommand('strata.openTrace', { run });
    const opened = (): string[] =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs.map(({ input }) => input))
        .flatMap((input) => (input instanceof vscode.TabInputWebview ? [input.viewType] : []));
    await becomes(
      () => opened().some((type) => type.endsWith('strata.trace')),
      () => `tabs: ${String(opened())}`,
    );
  });

  it('is exported as OTLP/JSON', async () => {
    const file = path.join(workspace(), 'run.otlp.json');
    await vscode.commands.executeCommand('strata.exportRun', { run, file });
    const exported = z
      .object({ resourceSpans: z.array(z.unknown()).min(1) })
      .parse(JSON.parse(await readFile(file, 'utf8')));
    assert.ok(exported.resourceSpans.length > 0);
  });

  it('never loaded LanceDB or the SDK of a model into the extension host', () => {
    assert.deepEqual(loadedNatives(), []);
    const loaded = loadedBundles();
    for (const bundle of ['openai.cjs', 'anthropic.cjs', 'memory-child.cjs'])
      assert.ok(!loaded.includes(bundle), `${bundle} in ${String(loaded)}`);
  });
});

describe('what cannot be run', () => {
  it('says which agents there are when the name is wrong', async () => {
    const shown = await messagesDuring(() =>
      vscode.commands.executeCommand('strata.runAgent', { agent: 'nobody', task, wait: true }),
    );
    assert.equal(shown.length, 1);
    assert.match(shown[0] ?? '', /nobody/);
    assert.match(shown[0] ?? '', /coder/);
  });

  it('says so for a run that is not there', async () => {
    const shown = await messagesDuring(() =>
      vscode.commands.executeCommand('strata.replayRun', { run: 'r-0000000000000000' }),
    );
    assert.match(shown.join('\n'), /r-0000000000000000/);
  });

  it('says so for a folder that is not open', async () => {
    const given = { agent: 'coder', task, folder: '/nowhere', wait: true };
    assert.match(
      (await messagesDuring(() => vscode.commands.executeCommand('strata.runAgent', given))).join('\n'),
      /nowhere/,
    );
  });
});
