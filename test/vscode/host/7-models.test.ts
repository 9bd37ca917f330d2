import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { DeploymentState, ModelsState } from '../../../extension/src/core/models/index.ts';
import { startModelServer, type ModelServer } from '../../support/model-server/index.ts';
import { becomes, messagesDuring, runAgent, strata, workspace } from './strata.ts';

const tested = z.object({ ok: z.boolean(), model: z.string().optional(), usd: z.number().optional() });
const opened = z.object({ file: z.string(), line: z.number() });
const file = () => path.join(workspace(), '.strata', 'models.jsonc');
const price = { input: 20, output: 20 };
const usage = { input: 20_000, output: 1_000 };
const agent = `---
name: teller
description: Tells how things are
route: code
tools: []
memory: false
---
You tell.
`;

async function write(config: object): Promise<void> {
  await mkdir(path.dirname(file()), { recursive: true });
  await writeFile(file(), `${JSON.stringify(config, undefined, 2)}\n`);
}

async function state(): Promise<ModelsState> {
  const [only] = await (await strata()).models.state();
  assert.ok(only);
  return only;
}

async function deployment(model: string): Promise<DeploymentState> {
  const found = (await state()).routes
    .flatMap(({ deployments }) => deployments)
    .find((one) => one.deployment.model === model);
  assert.ok(found, model);
  return found;
}

/** What the person types into the next box, and what the box was called. */
async function typing(text: string | undefined, work: () => PromiseLike<unknown>): Promise<string[]> {
  const titles: string[] = [];
  const window: { showInputBox: unknown } = vscode.window;
  const original = window.showInputBox;
  window.showInputBox = ({ title }: vscode.InputBoxOptions): Promise<string | undefined> => {
    titles.push(title ?? '');
    return Promise.resolve(text);
  };
  try {
    await work();
  } finally {
    window.showInputBox = original;
  }
  return titles;
}

describe('models in the editor', function () {
  this.timeout(120_000);
  let busy: ModelServer;
  let spare: ModelServer;

  before(async () => {
    busy = await startModelServer((_, call) =>
      call === 1
        ? { fault: 'status', status: 429, headers: { 'retry-after': '600' } }
        : { text: 'yes', usage, model: 'busy-2026-11-26' },
    );
    spare = await startModelServer(() => ({ text: 'All is well.', usage }));
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(path.dirname(file()), { recursive: true, force: true });
    await Promise.all([busy.close(), spare.close()]);
  });

  const at = (model: string, { url }: ModelServer, more: object = {}) => ({
    ...{ provider: 'openai', model, baseUrl: `${url}/v1`, price },
    ...more,
  });

  it('are the demo alone, as long as nothing else is at hand', async () => {
    assert.equal((await state()).demoOnly, true);
  });

  it('are written into a file that begins as an example and changes nothing', async () => {
    const { file: name } = opened.parse(await vscode.commands.executeCommand('strata.openModels'));
    assert.equal(name, file());
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, file());
    assert.match(await readFile(file(), 'utf8'), /"strategy": "weighted"/);
    assert.equal((await state()).demoOnly, true);
  });

  it('are completed and checked by the editor in that file', async () => {
    const wrong = '{ "routes": { "code": { "strategy": "best", "deployments": ["openai/gpt-5"] } } }\n';
    await writeFile(file(), wrong);
    const found = () =>
      vscode.languages.getDiagnostics(vscode.Uri.file(file())).map(({ message }) => message);
    await becomes(
      () => found().some((message) => message.includes('least-busy')),
      () => found().join('\n') || 'no diagnostics',
    );
    await rm(file());
    assert.ok(!existsSync(file()));
  });

  it('cool down when they fail, and the next one answers the run', async () => {
    const folder = path.dirname(file());
    await mkdir(path.join(folder, 'agents'));
    await writeFile(path.join(folder, 'agents', 'teller.agent.md'), agent);
    // Nothing here calls a tool, so no container need start.
    const off = { enabled: false };
    const servers = { files: off, shell: off, code: off, git: off, web: off };
    await writeFile(path.join(folder, 'tools.jsonc'), JSON.stringify({ servers }));
    await write({ routes: { code: [at('busy', busy), at('spare', spare)] } });
    const before = (await state()).today.usd;
    assert.equal((await runAgent('teller', 'Say how things are')).status, 'succeeded');
    assert.equal((await deployment('busy')).cooling?.reason, 'rate-limit 429');
    assert.equal((await deployment('spare')).answered, 1);
    assert.equal(((await state()).today.usd - before).toFixed(4), '0.4200');
  });

  it('are asked again when a person ends their cooldown', async () => {
    const { id } = (await deployment('busy')).deployment;
    await vscode.commands.executeCommand('strata.endCooldown', { deployment: id });
    assert.equal((await deployment('busy')).cooling, undefined);
  });

  it('are tested by one word, which says the model and what it cost', async () => {
    const { id } = (await deployment('busy')).deployment;
    const result = tested.parse(
      await vscode.commands.executeCommand('strata.testDeployment', { deployment: id }),
    );
    assert.deepEqual(result, { ok: true, model: 'busy-2026-11-26', usd: result.usd });
    assert.equal(result.usd?.toFixed(4), '0.4200');
  });

  it('say what is wrong and what to do when they cannot be asked, or are not there', async () => {
    await write({ routes: { code: [at('busy', busy, { keyName: 'work' }), at('spare', spare)] } });
    const { id } = (await deployment('busy')).deployment;
    const messages = await messagesDuring(async () => {
      const failed = await vscode.commands.executeCommand('strata.testDeployment', { deployment: id });
      assert.equal(tested.parse(failed).ok, false);
      await vscode.commands.executeCommand('strata.testDeployment', { deployment: 'openai/nothing' });
      await vscode.commands.executeCommand('strata.allowMore', { scope: 'day' });
    });
    assert.match(messages[0] ?? '', /openai\/busy did not answer\..*no key.*Set API Key/);
    assert.match(messages[1] ?? '', /no deployment openai\/nothing.*There are: .*openai\/spare/);
    assert.match(messages[2] ?? '', /no budget “day”.*models\.jsonc/);
  });

  it('get the key that a person sets for them, which goes to their server alone', async () => {
    const { id } = (await deployment('busy')).deployment;
    const set = () => vscode.commands.executeCommand('strata.setApiKey', { deployment: id });
    assert.deepEqual(await typing('sk-of-the-test', set), [`API key for work@${busy.url}`]);
    assert.equal((await deployment('busy')).problem, undefined);
    const result = await vscode.commands.executeCommand('strata.testDeployment', { deployment: id });
    assert.equal(tested.parse(result).ok, true);
    assert.equal(busy.requests.at(-1)?.headers['authorization'], 'Bearer sk-of-the-test');
    await typing('', set);
    assert.match((await deployment('busy')).problem ?? '', /no key/);
  });

  it('take no key where none is sent', async () => {
    const { id } = (await deployment('spare')).deployment;
    const messages = await messagesDuring(() =>
      vscode.commands.executeCommand('strata.setApiKey', { deployment: id }),
    );
    assert.match(messages[0] ?? '', /No key is sent to openai\/spare.*keyName/);
  });

  it('are opened where they are written', async () => {
    const { id } = (await deployment('spare')).deployment;
    const given = { route: 'code', deployment: id };
    const { line } = opened.parse(await vscode.commands.executeCommand('strata.openModelDefinition', given));
    const lines = (await readFile(file(), 'utf8')).split('\n');
    assert.match(lines.slice(line - 1, line + 2).join(''), /"model": "spare"/);
    const text = '.strata/models.jsonc:2:3: it is wrong.';
    const place = opened.parse(await vscode.commands.executeCommand('strata.openModelDefinition', { text }));
    assert.deepEqual(place, { file: file(), line: 2 });
  });

  it('pause a run when a budget is spent, and go on when as much again is allowed', async () => {
    await write({
      routes: { code: [at('spare', spare)] },
      budgets: { agents: { teller: { usd: 0.5 } } },
    });
    // The first run of the day has spent $0.42 of it.
    assert.equal((await runAgent('teller', 'Say how things are')).status, 'succeeded');
    const stopped = await runAgent('teller', 'Say how things are');
    assert.equal(stopped.status, 'paused');
    const view = await (await strata()).runs.view(stopped.run);
    assert.match(view?.error?.code ?? '', /^budget-agent/);
    const allow = { scope: 'agent', name: 'teller', agreed: true };
    await vscode.commands.executeCommand('strata.allowMore', allow);
    assert.equal((await state()).budgets.find(({ name }) => name === 'teller')?.limit.usd, 1);
    const { run } = stopped;
    const resumed = await vscode.commands.executeCommand('strata.resumeRun', { run, wait: true });
    assert.equal(z.object({ status: z.string() }).parse(resumed).status, 'succeeded');
  });
});
