import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';
import { startModelServer } from '../../support/model-server/index.ts';
import type { ModelServer, Script } from '../../support/model-server/index.ts';
import type { RunSummary } from '../../../extension/src/node/sqlite/index.ts';
import { becomes, loadedBundles, strata, workspace } from './strata.ts';

const limitMs = 60_000;
const replay = z.object({ verdict: z.string() });
const tool = {
  name: 'look',
  description: 'Looks at a place.',
  inputSchema: { type: 'object', properties: { at: { type: 'string' } } },
};

describe('the routes as models of the editor', function () {
  this.timeout(limitMs);
  let server: ModelServer;
  let script: Script = () => ({ text: 'nobody asked' });

  before(async () => {
    await strata();
    server = await startModelServer((request, call) => script(request, call));
  });

  afterEach(async () => {
    await rm(configFile(), { force: true });
  });

  after(async () => {
    await server.close();
  });

  it('are there with nothing but the demo model, which is named as such', async () => {
    const models = await vscode.lm.selectChatModels({ vendor: 'strata' });
    assert.deepEqual(models.map(({ id, name }) => [id, name]).sort(), [
      ['auto', 'Strata: auto'],
      ['code', 'Strata: code'],
      ['fast', 'Strata: fast'],
      ['long-context', 'Strata: long-context'],
      ['reasoning', 'Strata: reasoning'],
    ]);
    assert.ok(models.every(({ maxInputTokens, family }) => maxInputTokens > 10_000 && family === 'strata'));
    const answer = await ask('code', 'What is this place?');
    assert.match(answer.text, /offline demo model/);
  });

  it('are asked without a bundle of what the answer does not need', async () => {
    await vscode.lm.selectChatModels({ vendor: 'strata' });
    assert.ok(loadedBundles().includes('lent-models.cjs'));
  });

  it('follow the file of the folder, also where its folder is made with it', async () => {
    const ids = async () => (await vscode.lm.selectChatModels({ vendor: 'strata' })).map(({ id }) => id);
    for (const route of ['harbour', 'lighthouse', 'pier']) {
      await rm(path.dirname(configFile()), { recursive: true, force: true });
      const changed = new Promise<void>((resolve) => {
        const listening = vscode.lm.onDidChangeChatModels(() => {
          listening.dispose();
          resolve();
        });
      });
      await configure({ [route]: [openai(server)] });
      await changed;
      await becomesTrue(async () => (await ids()).includes(route));
    }
  });

  it('answer by a server, streamed, as a run of the log that replays', async () => {
    script = () => ({
      text: 'The harbour is shut.',
      usage: { input: 120, output: 6 },
      wire: { pieceLength: 4, delayMs: 60 },
    });
    await configure({ code: [openai(server)] });
    const { text, parts } = await ask('code', 'Is the harbour open?\nPlease.');
    assert.equal(text, 'The harbour is shut.');
    assert.ok(parts.length > 2, `in ${parts.length} parts`);
    const run = await runOf('Is the harbour open?');
    assert.deepEqual([run.agent, run.status], ['vscode chat · code', 'succeeded']);
    const view = await (await strata()).runs.view(run.id);
    assert.equal(view?.steps[0]?.model?.usage.input, 120);
    const report = await vscode.commands.executeCommand('strata.replayRun', { run: run.id });
    assert.equal(replay.parse(report).verdict, 'equal');
  });

  it('call the tools of whoever asks, and go on in the same run with what those said', async () => {
    script = ({ messages }) =>
      messages.some(({ role }) => role === 'tool')
        ? { text: 'It is shut.' }
        : { text: 'I look.', toolCalls: [{ id: 'c1', name: 'look', arguments: { at: 'the harbour' } }] };
    await configure({ code: [openai(server)] });
    const asked = vscode.LanguageModelChatMessage.User('Look at the harbour with your tool');
    const first = await send('code', [asked], { tools: [tool] });
    const [call] = first.calls;
    assert.deepEqual([call?.name, call?.callId, call?.input], ['look', 'c1', { at: 'the harbour' }]);
    assert.ok(call);
    const picture = vscode.LanguageModelDataPart.image(Buffer.from([1, 2, 3]), 'image/png');
    const second = await send(
      'code',
      [
        asked,
        vscode.LanguageModelChatMessage.Assistant([new vscode.LanguageModelTextPart(first.text), call]),
        vscode.LanguageModelChatMessage.User([
          new vscode.LanguageModelToolResultPart('c1', [new vscode.LanguageModelTextPart('shut'), picture]),
        ]),
      ],
      { tools: [tool] },
    );
    assert.equal(second.text, 'It is shut.');
    const sent = server.requests.at(-1);
    assert.deepEqual(
      sent?.tools.map(({ name }) => name),
      ['look'],
    );
    assert.deepEqual(
      sent.messages.map(({ role }) => role).filter((role) => role !== 'user'),
      ['assistant', 'tool'],
    );
    const run = await runOf('Look at the harbour with your tool');
    const view = await (await strata()).runs.view(run.id);
    assert.deepEqual(
      view?.steps.map(({ kind }) => kind),
      ['chat', 'chat'],
    );
  });

  it('fall back where a deployment fails, and say so in the trace', async () => {
    script = ({ model }) =>
      model === 'first' ? { fault: 'status', status: 401 } : { text: 'From the second.' };
    await configure({ code: [openai(server, 'first'), openai(server, 'second')] });
    assert.equal((await ask('code', 'Who answers here?')).text, 'From the second.');
    const view = await (await strata()).runs.view((await runOf('Who answers here?')).id);
    assert.match(JSON.stringify(view?.steps[0]?.notes), /first/);
  });

  it('pick the route by themselves, and say why in the trace', async () => {
    script = ({ model }) => ({ text: `It was ${model}.` });
    await configure({ fast: [openai(server, 'small')], code: [openai(server, 'large')] });
    const said = 'Translate “harbour” into Portuguese';
    assert.equal((await ask('auto', said)).text, 'It was small.');
    const view = await (await strata()).runs.view((await runOf(said)).id);
    assert.match(JSON.stringify(view?.steps[0]?.notes), /fast, since it speaks of “translate”/);
  });

  it('fail with an error of the editor that says what to do, and a run that failed', async () => {
    script = () => ({ fault: 'status', status: 401 });
    await configure({ code: [openai(server)] });
    await assert.rejects(ask('code', 'Is anybody there?'), (error) => {
      assert.ok(error instanceof vscode.LanguageModelError, String(error));
      assert.equal(error.code, 'NoPermissions');
      assert.match(error.message, /Set a valid key|key/);
      return true;
    });
    assert.equal((await runOf('Is anybody there?')).status, 'failed');
  });

  it('stop when whoever asked does not wait', async () => {
    script = () => ({ text: 'word '.repeat(2_000), wire: { pieceLength: 5, delayMs: 20 } });
    await configure({ code: [openai(server)] });
    const cancel = new vscode.CancellationTokenSource();
    const model = await modelNamed('code');
    const response = await model.sendRequest(
      [vscode.LanguageModelChatMessage.User('Tell me everything')],
      {},
      cancel.token,
    );
    const read = (async () => {
      for await (const part of response.stream) if (part) cancel.cancel();
    })();
    await read.catch(() => undefined);
    const asked = server.requests.at(-1);
    await becomes(
      () => asked?.signal.aborted === true,
      () => 'the server is still being listened to',
    );
    await becomesStatus('Tell me everything', 'stopped');
  });

  it('count tokens', async () => {
    const model = await modelNamed('fast');
    const tokens = await model.countTokens('The quick brown fox jumps over the lazy dog.');
    assert.ok(tokens >= 8 && tokens <= 14, String(tokens));
    assert.ok((await model.countTokens(vscode.LanguageModelChatMessage.User('The quick brown fox'))) >= 4);
  });
});

describe('the models of the editor as models of Strata', function () {
  this.timeout(limitMs);
  let registered: vscode.Disposable | undefined;

  afterEach(async () => {
    registered?.dispose();
    registered = undefined;
    await rm(configFile(), { force: true });
  });

  it('answer where a route names one, and are told what an agent is told', async () => {
    const seen: Seen[] = [];
    registered = offer(seen, (progress) => {
      progress.report(new vscode.LanguageModelTextPart('All '));
      progress.report(new vscode.LanguageModelTextPart('quiet.'));
    });
    await configure({ code: ['vscode/strata-tests/lighthouse'] });
    const { text } = await ask('code', 'How is the sea?');
    assert.equal(text, 'All quiet.');
    assert.deepEqual(seen[0]?.texts, ['How is the sea?']);
    const view = await (await strata()).runs.view((await runOf('How is the sea?')).id);
    const use = view?.steps[0]?.model;
    assert.deepEqual([use?.provider, use?.model, use?.cost.kind], ['vscode', 'lighthouse-2', 'unknown']);
    assert.ok((use?.usage.input ?? 0) > 0);
  });

  it('tell what they have used, think, and call tools, whose results and pictures they get', async () => {
    const seen: Seen[] = [];
    registered = offer(seen, (progress, messages) => {
      const usage = { prompt_tokens: 77, completion_tokens: 3, total_tokens: 80 };
      progress.report(new vscode.LanguageModelDataPart(Buffer.from(JSON.stringify(usage)), 'usage'));
      if (messages.length > 1) progress.report(new vscode.LanguageModelTextPart('Seen.'));
      else progress.report(new vscode.LanguageModelToolCallPart('c9', 'look', { at: 'the sea' }));
    });
    await configure({ code: ['vscode/strata-tests/lighthouse-2'] });
    const asked = vscode.LanguageModelChatMessage.User('Look at the sea');
    const options = { tools: [tool], toolMode: vscode.LanguageModelChatToolMode.Auto };
    const { calls } = await send('code', [asked], options);
    const [call] = calls;
    assert.ok(call);
    const picture = vscode.LanguageModelDataPart.image(Buffer.from([1, 2, 3]), 'image/png');
    const result = new vscode.LanguageModelToolResultPart('c9', [
      new vscode.LanguageModelTextPart('grey'),
      picture,
    ]);
    const { text } = await send(
      'code',
      [
        asked,
        vscode.LanguageModelChatMessage.Assistant([call]),
        vscode.LanguageModelChatMessage.User([result]),
      ],
      options,
    );
    assert.equal(text, 'Seen.');
    assert.deepEqual(seen[1]?.parts, ['text', 'call look c9', 'result c9 grey, 3 bytes of image/png']);
    assert.deepEqual(seen[1].tools, ['look']);
    const view = await (await strata()).runs.view((await runOf('Look at the sea')).id);
    assert.equal(view?.steps[0]?.model?.usage.input, 77);
  });

  it('serve every route where there is no key', async () => {
    registered = offer([], (progress) => progress.report(new vscode.LanguageModelTextPart('Yes.')));
    await becomesTrue(async () => {
      const routes = await (await strata()).models.routes();
      return routes.every(({ deployment }) => deployment.id === 'vscode/strata-tests/lighthouse-2');
    });
    assert.equal((await ask('reasoning', 'Is there a harbour?')).text, 'Yes.');
  });

  it('fail with what the editor says of them', async () => {
    const failures: readonly (readonly [Error, string, RegExp])[] = [
      [vscode.LanguageModelError.NoPermissions('no'), 'model-auth', /does not let Strata use/],
      [vscode.LanguageModelError.Blocked('the quota is used up'), 'model-rate-limit', /quota/],
      [new Error('Request failed with status 400: prompt is too long'), 'model-context-length', /too long/],
      [new Error('The response was filtered'), 'model-content-policy', /filtered/],
    ];
    for (const [failure, code, text] of failures) {
      registered?.dispose();
      registered = offer([], () => {
        throw failure;
      });
      await configure({ code: ['vscode/strata-tests/lighthouse-2'] });
      const said = `Who says ${code}?`;
      await assert.rejects(ask('code', said));
      const view = await (await strata()).runs.view((await runOf(said)).id);
      assert.equal(view?.error?.code, code, view?.error?.message);
      assert.match(view.error.message, text);
    }
  });

  it('are named where the one that a route wants is not there', async () => {
    registered = offer([], (progress) => progress.report(new vscode.LanguageModelTextPart('Yes.')));
    await configure({ code: ['vscode/strata-tests/submarine'] });
    await becomesTrue(async () => {
      const [route] = (await (await strata()).models.routes()).filter(({ route: name }) => name === 'code');
      return /no such model.*lighthouse-2/.test(route?.problem ?? '');
    });
    await assert.rejects(ask('code', 'Is it under water?'), /has no model “strata-tests\/submarine”/);
  });
});

interface Seen {
  readonly texts: readonly string[];
  /** What the message of the request held, part by part. */
  readonly parts: readonly string[];
  readonly tools: readonly string[];
}

type Answering = (
  progress: vscode.Progress<vscode.LanguageModelResponsePart>,
  messages: readonly vscode.LanguageModelChatRequestMessage[],
) => void;

/** A vendor of models as another extension brings it. */
function offer(seen: Seen[], answer: Answering): vscode.Disposable {
  const information = {
    id: 'lighthouse-2',
    name: 'Lighthouse 2',
    family: 'lighthouse',
    version: '2',
    maxInputTokens: 100_000,
    maxOutputTokens: 10_000,
    capabilities: { toolCalling: true, imageInput: true },
  };
  return vscode.lm.registerLanguageModelChatProvider('strata-tests', {
    provideLanguageModelChatInformation: () => [information],
    provideLanguageModelChatResponse: (_model, messages, { tools = [] }, progress) => {
      const parts = messages.flatMap(({ content }) => content);
      seen.push({
        texts: parts.flatMap((part) => (part instanceof vscode.LanguageModelTextPart ? [part.value] : [])),
        parts: parts.map(inWords),
        tools: tools.map(({ name }) => name),
      });
      return Promise.resolve().then(() => answer(progress, messages));
    },
    provideTokenCount: () => Promise.resolve(1),
  });
}

function inWords(part: unknown): string {
  if (part instanceof vscode.LanguageModelTextPart) return 'text';
  if (part instanceof vscode.LanguageModelToolCallPart) return `call ${part.name} ${part.callId}`;
  if (!(part instanceof vscode.LanguageModelToolResultPart)) return 'something else';
  const held = part.content.map((one) => {
    if (one instanceof vscode.LanguageModelTextPart) return one.value;
    return one instanceof vscode.LanguageModelDataPart ? `${one.data.length} bytes of ${one.mimeType}` : '?';
  });
  return `result ${part.callId} ${held.join(', ')}`;
}

async function becomesTrue(look: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(10_000);
  while (!(await look())) assert.ok(!deadline.aborted, 'it did not come to be');
}

interface Answer {
  readonly text: string;
  readonly calls: readonly vscode.LanguageModelToolCallPart[];
  readonly parts: readonly unknown[];
}

async function modelNamed(id: string): Promise<vscode.LanguageModelChat> {
  const [model] = await vscode.lm.selectChatModels({ vendor: 'strata', id });
  assert.ok(model, `there is no model ${id}`);
  return model;
}

async function send(
  id: string,
  messages: vscode.LanguageModelChatMessage[],
  options: vscode.LanguageModelChatRequestOptions,
): Promise<Answer> {
  const response = await (await modelNamed(id)).sendRequest(messages, options);
  const parts: unknown[] = [];
  for await (const part of response.stream) parts.push(part);
  return {
    parts,
    text: parts.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join(''),
    calls: parts.filter((part) => part instanceof vscode.LanguageModelToolCallPart),
  };
}

function ask(id: string, said: string): Promise<Answer> {
  return send(id, [vscode.LanguageModelChatMessage.User(said)], {});
}

async function runOf(task: string): Promise<RunSummary> {
  const find = async () => (await (await strata()).runs.list()).find((run) => run.task === task);
  const found = await find();
  assert.ok(found, `no run has the task ${task}`);
  return found;
}

async function becomesStatus(task: string, status: string): Promise<void> {
  let seen = await runOf(task);
  const deadline = AbortSignal.timeout(10_000);
  while (seen.status !== status && !deadline.aborted) seen = await runOf(task);
  assert.equal(seen.status, status);
}

const configFile = (): string => path.join(workspace(), '.strata', 'models.jsonc');

async function configure(routes: Readonly<Record<string, readonly unknown[]>>): Promise<void> {
  await mkdir(path.dirname(configFile()), { recursive: true });
  await writeFile(configFile(), JSON.stringify({ routes }));
  assert.ok(await readFile(configFile(), 'utf8'));
}

function openai({ url }: ModelServer, model = 'harbour-model'): object {
  return { provider: 'openai', model, baseUrl: `${url}/v1` };
}
