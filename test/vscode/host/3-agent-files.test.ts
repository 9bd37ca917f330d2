import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { becomes, loadedBundles, strata, workspace } from './strata.ts';

const file = (...parts: string[]): vscode.Uri => vscode.Uri.file(path.join(workspace(), '.strata', ...parts));

async function write(uri: vscode.Uri, lines: readonly string[]): Promise<void> {
  await mkdir(path.dirname(uri.fsPath), { recursive: true });
  await writeFile(uri.fsPath, lines.join('\n'));
}

/** Ours only: the editor has opinions of its own on such files. */
function mistakes(uri: vscode.Uri): string[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'Strata')
    .map(
      ({ range: { start, end }, message }) =>
        `${start.line}:${start.character}-${end.line}:${end.character} ${message}`,
    );
}

async function shows(uri: vscode.Uri, expected: readonly string[]): Promise<void> {
  await becomes(
    () => mistakes(uri).join('\n') === expected.join('\n'),
    () => mistakes(uri).join('\n'),
  );
}

async function labels(uri: vscode.Uri, line: number, character: number): Promise<string[]> {
  const list = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    uri,
    new vscode.Position(line, character),
  );
  return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
}

async function hovered(uri: vscode.Uri, line: number, character: number): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    'vscode.executeHoverProvider',
    uri,
    new vscode.Position(line, character),
  );
  return hovers
    .flatMap(({ contents }) => contents)
    .map((content) => (typeof content === 'string' ? content : content.value))
    .join('\n');
}

async function replaceLine(uri: vscode.Uri, line: number, text: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, document.lineAt(line).range, text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

describe('agent and workflow files in the editor', function () {
  this.timeout(60_000);
  const tester = file('agents', 'tester.agent.md');
  const helper = file('agents', 'helper.agent.md');
  const flow = file('workflows', 'fix.workflow.yaml');

  before(async () => {
    await strata();
    await write(tester, [
      '---',
      'descripton: Tests.',
      'maxSteps: many',
      'agents: [explorer, helper]',
      'route: ',
      '---',
      'Test it.',
    ]);
    await vscode.window.showTextDocument(tester);
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(file().fsPath, { recursive: true, force: true });
  });

  it('loads their part when the first of them is opened', async () => {
    await becomes(
      () => loadedBundles().includes('agent-files.cjs'),
      () => loadedBundles().join(),
    );
  });

  it('shows every mistake in its place', async () => {
    await shows(tester, [
      '1:0-1:10 descripton: is not known here. Did you mean “description”?',
      '2:10-2:14 maxSteps: must be a whole number from 1 to 1000',
      '3:19-3:25 agents: there is no agent “helper”.',
      '4:0-4:5 route: must be a text',
    ]);
  });

  it('completes keys, routes, agents and tools', async () => {
    assert.ok((await labels(tester, 1, 0)).includes('handOvers'));
    const routes = await labels(tester, 4, 7);
    assert.ok(routes.includes('long-context'), routes.join());
    const agents = await labels(tester, 3, 9);
    assert.ok(agents.includes('reviewer') && !agents.includes('tester'), agents.join());
  });

  it('says what a key means, and what an agent is for', async () => {
    assert.match(
      await hovered(tester, 2, 3),
      /Model calls after which the run pauses[\s\S]*Without it: `50`/,
    );
    assert.match(await hovered(tester, 3, 12), /explorer.*Answers questions/);
  });

  it('offers to put right what was probably meant', async () => {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      tester,
      new vscode.Range(1, 2, 1, 2),
    );
    const fix = actions.find(({ title }) => title === 'Change to “description”');
    assert.ok(fix?.edit, actions.map(({ title }) => title).join());
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    await shows(tester, [
      '2:10-2:14 maxSteps: must be a whole number from 1 to 1000',
      '3:19-3:25 agents: there is no agent “helper”.',
      '4:0-4:5 route: must be a text',
    ]);
  });

  it('forgets a mistake when another file makes up for it', async () => {
    await write(helper, ['Help.']);
    await shows(tester, [
      '2:10-2:14 maxSteps: must be a whole number from 1 to 1000',
      '4:0-4:5 route: must be a text',
    ]);
  });

  it('is silent once all is right, saved or not', async () => {
    await replaceLine(tester, 2, 'maxSteps: 5');
    await replaceLine(tester, 4, 'route: fast');
    await shows(tester, []);
    // Nor has the editor an opinion of its own, which would be about another format.
    assert.deepEqual(vscode.languages.getDiagnostics(tester), []);
  });

  it('offers to run the agent', async () => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      tester,
    );
    const lens = lenses.find(({ command }) => command?.command === 'strata.runAgent');
    assert.deepEqual(lens?.command?.arguments, [{ agent: 'tester', folder: workspace() }]);
  });

  it('does the same for workflows', async () => {
    await write(flow, [
      'nodes:',
      '  plan: { agent: planner }',
      '  fix:',
      '    agent: codr',
      '    task: "{{plan.answer}} {{'.concat('"'),
      'edges:',
      '  - plan -> fixx',
    ]);
    await vscode.window.showTextDocument(flow);
    await shows(flow, [
      '3:11-3:15 there is no agent “codr”. Did you mean “coder”?',
      '6:12-6:16 there is no node “fixx”. Did you mean “fix”?',
    ]);
    const templates = await labels(flow, 4, 29);
    assert.ok(templates.includes('plan.answer'), templates.join());
    const nodes = await labels(flow, 6, 4);
    assert.ok(nodes.includes('fix'), nodes.join());
    assert.match(await hovered(flow, 5, 2), /What follows what/);
    await replaceLine(flow, 3, '    agent: coder');
    await replaceLine(flow, 6, '  - plan -> fix');
    await shows(flow, []);
  });
});
