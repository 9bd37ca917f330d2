import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import * as z from 'zod';
import { dockerAnswers, needsDocker } from '../harness/docker.ts';
import { skip } from '../harness/skip.ts';
import { messagesDuring, runAgent, strata, workspace } from './strata.ts';

const buildLimitMs = 240_000;

const manifest = z.object({
  contributes: z.object({
    languageModelTools: z.array(z.object({ name: z.string(), inputSchema: z.object({}) })),
    views: z.object({ strata: z.array(z.object({ id: z.string() })) }),
  }),
});
const state = z.object({
  status: z.string(),
  definition: z.object({ name: z.string() }),
  tools: z.array(z.object({ name: z.string() })),
  looser: z.array(z.string()),
});
const called = z.object({
  run: z.string(),
  result: z.object({
    isError: z.boolean(),
    content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  }),
});

const contributes = () =>
  manifest.parse(vscode.extensions.getExtension('strata.strata')?.packageJSON).contributes;

const call = async (tool: string, given: object): Promise<z.infer<typeof called>> =>
  called.parse(await vscode.commands.executeCommand('strata.callTool', { tool, arguments: given }));

const textOf = ({ result }: z.infer<typeof called>): string =>
  result.content.map(({ text }) => text ?? '').join('\n');

/** What a tool answers to the editor's own agents. */
async function invoke(name: string, input: object): Promise<string> {
  const { content } = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  return content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('\n');
}

describe('tools in the manifest', () => {
  it('have a view of their own between the runs, the models, the memory and the alerts', () => {
    assert.deepEqual(
      contributes().views.strata.map(({ id }) => id),
      ['strata.runs', 'strata.tools', 'strata.models', 'strata.memory', 'strata.alerts'],
    );
  });

  it('are all known to the editor’s own agents, with their schemas', async () => {
    await strata();
    const names = contributes().languageModelTools.map(({ name }) => name);
    const known = vscode.lm.tools.filter(({ name }) => names.includes(name));
    assert.deepEqual(known.map(({ name }) => name).sort(), names.toSorted());
    for (const { description, inputSchema } of known) {
      assert.ok(description.length > 100, description);
      assert.ok(inputSchema);
    }
  });
});

describe('tools that are lent to the editor’s own agents', () => {
  it('search the workspace memory', async () => {
    await vscode.commands.executeCommand('strata.indexWorkspace');
    assert.match(
      await invoke('strata_search_memory', { query: 'discount quantity' }),
      /src\/discounts\.js:\d+/,
    );
    assert.match(
      await invoke('strata_search_memory', { query: 'zzzzqqqq' }),
      /Nothing in the workspace matches/,
    );
  });

  it('read the trace of a run, by its id and as the last one', async () => {
    const { run } = await runAgent('explorer', 'How are totals computed?');
    const trace = await invoke('strata_read_trace', { run });
    assert.match(trace, /How are totals computed\?/);
    assert.match(trace, /memory_search/);
    assert.equal(await invoke('strata_read_trace', {}), trace);
    assert.match(await invoke('strata_read_trace', { run: 'r-nothing' }), /r-nothing/);
  });
});

describe('MCP servers of a folder', function () {
  this.timeout(buildLimitMs);

  before(async function () {
    if (!(await dockerAnswers())) skip(this, needsDocker);
  });

  it('are set up, and say what they have', async () => {
    const after = state.parse(
      await vscode.commands.executeCommand('strata.setUpServer', { server: 'files', agreed: true }),
    );
    assert.ok(['ready', 'running'].includes(after.status), after.status);
    assert.ok(after.tools.some(({ name }) => name === 'files_read'));
  });

  it('answer a call with arguments, which is recorded as a run', async () => {
    const answer = await call('files_read', { path: 'package.json' });
    assert.equal(answer.result.isError, false);
    assert.match(textOf(answer), /"name"/);
    const view = await (await strata()).runs.view(answer.run);
    assert.ok(view?.steps.some(({ kind, name }) => kind === 'tool' && name === 'files_read'));
  });

  it('refuse arguments that do not fit, in words', async () => {
    const answer = await call('files_read', { path: 7 });
    assert.equal(answer.result.isError, true);
    assert.match(textOf(answer), /path/);
  });

  it('say so for a tool and a server that are not there', async () => {
    const messages = await messagesDuring(async () => {
      await vscode.commands.executeCommand('strata.callTool', { tool: 'files_nothing', arguments: {} });
      await vscode.commands.executeCommand('strata.setUpServer', { server: 'nobody', agreed: true });
    });
    assert.match(messages[0] ?? '', /files_nothing/);
    assert.match(messages[1] ?? '', /nobody[\s\S]*files/);
  });

  it('run commands for the editor’s own agents, in the sandbox', async () => {
    await vscode.commands.executeCommand('strata.setUpServer', { server: 'shell', agreed: true });
    const answer = await invoke('strata_run_command', { command: 'echo $((6 * 7)); hostname; pwd' });
    assert.match(answer, /42/);
    assert.match(answer, /\/workspace/);
    assert.match(
      await invoke('strata_run_command', { command: 'true', folder: 'nowhere' }),
      /nowhere is not open/,
    );
  });

  it('are stopped, and start again with the next call', async () => {
    await vscode.commands.executeCommand('strata.stopServer', { server: 'files' });
    assert.equal((await call('files_list', {})).result.isError, false);
  });
});

describe('an MCP server from npm', function () {
  this.timeout(buildLimitMs);
  const file = () => path.join(workspace(), '.mcp.json');
  const server = {
    name: 'memory-graph',
    source: { kind: 'npm', package: '@modelcontextprotocol/server-memory@2025.8.4' },
  };

  before(async function () {
    if (!(await dockerAnswers())) skip(this, needsDocker);
  });

  after(async () => {
    await rm(file(), { force: true });
  });

  it('is added with an argument object: in its container, and in .mcp.json', async () => {
    let answer: unknown;
    const said = await messagesDuring(async () => {
      answer = await vscode.commands.executeCommand('strata.addMcpServer', { server, agreed: true });
    });
    const added = state.safeParse(answer).data ?? assert.fail(said.join('\n'));
    assert.equal(added.definition.name, server.name);
    assert.deepEqual(added.looser, []);
    const names = added.tools.map(({ name }) => name);
    assert.ok(names.includes('memory-graph_read_graph'), String(names));
    assert.match(await readFile(file(), 'utf8'), /server-memory@2025\.8\.4/);
  });

  it('answers calls', async () => {
    const answer = await call('memory-graph_read_graph', {});
    assert.equal(answer.result.isError, false, textOf(answer));
    assert.match(textOf(answer), /entities/);
  });

  it('is opened at its place in .mcp.json', async () => {
    await vscode.commands.executeCommand('strata.openServerDefinition', { server: server.name });
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.uri.fsPath, file());
    assert.match(editor.document.lineAt(editor.selection.active).text, /memory-graph/);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('is disabled, and enabled again', async () => {
    await vscode.commands.executeCommand('strata.disableServer', { server: server.name });
    const refused = await messagesDuring(() =>
      vscode.commands.executeCommand('strata.callTool', { tool: 'memory-graph_read_graph', arguments: {} }),
    );
    assert.match(refused.join(), /memory-graph_read_graph/);
    await vscode.commands.executeCommand('strata.enableServer', { server: server.name });
    assert.equal((await call('memory-graph_read_graph', {})).result.isError, false);
  });

  it('is refused as a whole when it is not valid, and nothing is written', async () => {
    const before = await readFile(file(), 'utf8');
    const wrong = {
      name: 'no-such',
      source: { kind: 'npm', package: '@strata-tests/there-is-no-such-package' },
    };
    const messages = await messagesDuring(async () => {
      await vscode.commands.executeCommand('strata.addMcpServer', { server: { name: 'a b' }, agreed: true });
      await vscode.commands.executeCommand('strata.addMcpServer', { server: wrong, agreed: true });
    });
    assert.equal(messages.length, 2, String(messages));
    assert.match(messages[0] ?? '', /"source"/);
    assert.match(messages[1] ?? '', /there-is-no-such-package/);
    assert.equal(await readFile(file(), 'utf8'), before);
  });

  it('is removed from .mcp.json', async () => {
    await vscode.commands.executeCommand('strata.removeServer', { server: server.name, agreed: true });
    const left = existsSync(file()) ? await readFile(file(), 'utf8') : '';
    assert.doesNotMatch(left, /memory-graph/);
  });
});

describe('the gateway for the editor’s own agents', function () {
  this.timeout(buildLimitMs);

  before(async function () {
    if (!(await dockerAnswers())) skip(this, needsDocker);
    await vscode.commands.executeCommand('strata.setUpServer', { server: 'files', agreed: true });
  });

  // The editor starts all of them.
  const lent = () => vscode.lm.tools.filter(({ name }) => name.startsWith('mcp_strata-files_'));

  it('starts its servers when the editor asks for them', async () => {
    // The editor does nothing, without a word, until it knows the provider; so it is asked again.
    for (let tries = 0; tries < 60 && lent().length === 0; tries += 1) {
      await vscode.commands.executeCommand('workbench.mcp.startServer', '*', { waitForLiveTools: true });
      await delay(500);
    }
    assert.ok(lent().length > 3, vscode.lm.tools.map(({ name }) => name).join(', '));
  });

  it('answers calls of theirs, in runs of its own', async () => {
    const tool = lent().find(({ name }) => name.endsWith('_read'));
    assert.ok(
      tool,
      lent()
        .map(({ name }) => name)
        .join(', '),
    );
    assert.match(await invoke(tool.name, { path: 'package.json' }), /"name"/);
    const runs = await (await strata()).runs.list();
    assert.ok(runs.some(({ steps }) => steps > 0));
  });

  it('sees what the user has changed meanwhile', async () => {
    const note = path.join(workspace(), 'note.txt');
    await writeFile(note, 'written just now\n');
    try {
      const tool = lent().find(({ name }) => name.endsWith('_read'));
      assert.match(await invoke(tool?.name ?? '', { path: 'note.txt' }), /written just now/);
    } finally {
      await rm(note, { force: true });
    }
  });

  it('goes on with a server while it is set up anew', async () => {
    const tool = lent().find(({ name }) => name.endsWith('_read'));
    const over = vscode.commands.executeCommand('strata.setUpServer', { server: 'files', agreed: true });
    for (let calls = 0; calls < 10; calls += 1)
      assert.match(await invoke(tool?.name ?? '', { path: 'package.json' }), /"name"/);
    await over;
  });
});
