import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/editor/index.ts';
import type { Message } from '../../../extension/src/protocol/message.ts';
import { textOf } from '../../../extension/src/protocol/message.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { asAgent, startModelServer } from '../../support/model-server/index.ts';
import { partsOf, startSession } from './page/session.ts';

const runLimitMs = 120_000;

/** The reader asks for two files at once and says what it got; a helper just answers. */
const script = asAgent((messages) => {
  const results = messages.filter(({ role }) => role === 'tool');
  if (said(messages, 'system').includes('You help')) return { text: 'helped' };
  if (results.length > 0) return { text: `read ${results.length}, told "${said(messages, 'user')}"` };
  const read = (file: string) => ({ name: 'files_read', arguments: { path: file } });
  return { toolCalls: [read('package.json'), read('README.md')] };
});

function said(messages: readonly Message[], role: Message['role']): string {
  const last = messages.findLast((message) => message.role === role);
  return last ? textOf(last) : '';
}

test('a person answers two calls at once, steers, pauses, forks, and follows a workflow', async (t) => {
  const source = await mkdtemp(path.join(tmpdir(), 'strata-team-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  const server = await startModelServer(script);
  t.after(() => server.close());
  await cp(path.join(projectRoot, 'examples', 'sample-workspace'), source, { recursive: true });
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(source, '.strata', file)), { recursive: true });
    await writeFile(path.join(source, '.strata', file), text);
  };
  const deployment = { provider: 'openai', model: 'scripted', baseUrl: `${server.url}/v1` };
  await write('models.jsonc', JSON.stringify({ routes: { code: [deployment] } }));
  await write('tools.jsonc', '{ "approval": { "files_read": "ask" } }');
  const front = (name: string, tools: string): string =>
    `---\nname: ${name}\ndescription: ${name} of the test\nroute: code\ntools: [${tools}]\nmemory: false\n---\n`;
  await write('agents/reader.agent.md', `${front('reader', 'files_read')}You read.\n`);
  await write('agents/helper.agent.md', `${front('helper', '')}You help.\n`);
  await write(
    'workflows/twice.workflow.yaml',
    [
      'name: twice',
      'description: Helps twice.',
      'nodes:',
      '  first: { agent: helper }',
      '  second: { agent: helper }',
      '  rare: { agent: helper }',
      'edges:',
      '  - { from: first, to: second, when: first.answer contains "helped" }',
      '  - { from: first, to: rare, when: first.answer contains "stuck" }',
      '',
    ].join('\n'),
  );
  const session = await startSession({
    workspace: source,
    env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
  });
  t.after(session.close);
  const bench = await session.open();
  const panel = bench.webview('panel');
  const header = panel.locator('header');
  const call = panel.getByRole('region', { name: /^Approval of files_read/ });
  const start = async (agent: string, task: string): Promise<void> => {
    await bench.runCommandAndPick('Strata: Run Agent…', agent);
    await bench.answer(task);
    await bench.openContainer('Strata');
    await bench.treeItem(task).first().click();
    await header.getByText(task).waitFor();
  };
  const part = partsOf(t, bench);

  await part('agents and workflows are picked from one list', async () => {
    await bench.setTheme('dark');
    await bench.runCommand('Strata: Run Agent…');
    const labels = (await bench.pickLabels()).map((label) => label.split(',')[0]);
    assert.ok(
      ['reader', 'helper', 'twice'].every((name) => labels.includes(name)),
      labels.join(' '),
    );
    await bench.screenshot('team-pick');
    await bench.page.keyboard.press('Escape');
  });

  await part('two calls wait at once, and are found when their messages are gone', async () => {
    await start('reader', 'Read two files');
    await bench.notification(/wants to call files_read with .*README/).waitFor({ timeout: runLimitMs });
    await bench.dismissNotifications();
    await call.nth(1).waitFor();
    assert.equal(await call.count(), 2, 'dismissed messages decide nothing');
    await bench.page.locator('.statusbar').getByText('2 approvals').waitFor();
    assert.deepEqual(await accessibilityProblems(panel.locator('body')), []);
    await bench.screenshot('team-two-approvals');
  });

  await part('one is allowed with other arguments, the other refused with a reason', async () => {
    await call.first().getByText('Edit…').click();
    const editor = bench.page.locator('.editor-instance .monaco-editor:visible').first();
    await editor.getByText('Call the tool with these arguments').waitFor();
    await bench.screenshot('team-edit');
    await editor.locator('.view-line').first().click();
    await bench.page.keyboard.press('Control+A');
    await bench.page.keyboard.insertText('{ "path": "src/discounts.js" }');
    // The editor closes brackets by itself.
    await bench.page.keyboard.press('Control+Shift+End');
    await bench.page.keyboard.press('Delete');
    await bench.page.keyboard.press('Control+S');
    await bench.page.locator('.statusbar').getByText('1 approval').waitFor();
    await editor.getByText('Call the tool with these arguments').waitFor({ state: 'detached' });
    await call.getByText('Refuse…').click();
    await bench.answer('It says nothing');
    await header.getByText('Succeeded').waitFor({ timeout: runLimitMs });
    const last = server.requests.at(-1)?.messages ?? [];
    const results = last.filter(({ role }) => role === 'tool').map(textOf);
    assert.match(results[0] ?? '', /quantity[\s\S]*The user changed the arguments of this call/);
    assert.match(results[1] ?? '', /The user refused this call: It says nothing/);
    await bench.dismissNotifications();
  });

  await part('what is said while it works, the agent reads; paused, it begins nothing new', async () => {
    await start('reader', 'Read and listen');
    await call.nth(1).waitFor({ timeout: runLimitMs });
    const box = panel.getByRole('textbox', { name: 'Say something to the agent' });
    await box.fill('Be brief');
    await box.press('Control+Enter');
    await panel.getByRole('list', { name: 'Not read yet' }).getByText('Be brief').waitFor();
    await header.getByText('Pause', { exact: true }).click();
    await panel.getByRole('region', { name: 'Message' }).getByText('It pauses').waitFor();
    for (const _ of [1, 2]) await call.first().getByText('Allow', { exact: true }).click();
    await header.getByText('Paused').waitFor({ timeout: runLimitMs });
    await bench.screenshot('team-paused');
    await header.getByText('Resume', { exact: true }).click();
    await header.getByText('Succeeded').waitFor({ timeout: runLimitMs });
    await panel.getByText('read 2, told "Be brief"').first().waitFor();
    await panel.getByRole('treeitem', { name: /^Steer/ }).waitFor();
    await bench.dismissNotifications();
  });

  await part('a fork goes on from a step, and says where it came from', async () => {
    await panel
      .getByRole('treeitem', { name: /^files_read/ })
      .first()
      .click();
    await panel.getByRole('button', { name: 'Fork here…' }).click();
    await bench.screenshot('team-fork');
    await bench.page.locator('.quick-input-list').getByText('Say something to the agent…').click();
    await bench.answer('Be long');
    await header.getByText(/Forked from r-\w+ at step/).waitFor();
    await header.getByText('Succeeded').or(call.first()).first().waitFor({ timeout: runLimitMs });
    while (await call.first().isVisible()) await call.first().getByText('Allow', { exact: true }).click();
    await header.getByText('Succeeded').waitFor({ timeout: runLimitMs });
    await bench.screenshot('team-forked');
    await bench.dismissNotifications();
  });

  await part('a workflow is a graph, and its sub-runs are below its nodes', async () => {
    await start('twice', 'Help me twice');
    await header.getByText('Succeeded').waitFor({ timeout: runLimitMs });
    await panel.getByRole('button', { name: /^rare helper, Not taken/ }).waitFor();
    await panel.getByRole('button', { name: /^second helper, Finished/ }).click();
    await panel.locator('.selected-step').getByText('second').waitFor();
    assert.deepEqual(await accessibilityProblems(panel.locator('body')), []);
    await bench.dismissNotifications();
    await bench.giveRoomTo('Runs');
    await bench.expand(bench.treeItem('Help me twice').first());
    const node = bench.treeItem('Node first').first();
    await bench.expand(node);
    const agent = bench.treeItem('Sub-agent helper').first();
    await bench.expand(agent);
    await bench.screenshot('team-workflow-dark');
    await agent.click();
    await header.getByText(/Sub-run of r-/).waitFor();
    await header.getByRole('button', { name: 'Show that run' }).click();
    await panel.getByRole('button', { name: 'Graph' }).waitFor();
    await bench.setTheme('light');
    await bench.screenshot('team-workflow-light');
  });

  await part(
    'the steps of its sub-runs are open in the timeline, and the replay goes through them',
    async () => {
      await panel.getByRole('button', { name: 'Steps' }).click();
      await panel.getByRole('application', { name: /2 sub-runs, 2 open/ }).waitFor();
      await panel.getByText(/^All \d+ steps, with 2 sub-runs$/).waitFor();
      const slider = panel.getByRole('slider', { name: 'Replay position' });
      await slider.focus();
      await bench.page.keyboard.press('Home');
      const isInside = async () => / of helper$/.test((await slider.getAttribute('aria-valuetext')) ?? '');
      for (let presses = 0; presses < 40 && !(await isInside()); presses++)
        await bench.page.keyboard.press('ArrowRight');
      await panel
        .locator('.selected-step')
        .getByText(/step \d+ of helper/)
        .waitFor();
      for (const theme of ['dark', 'light', 'highContrast'] as const) {
        await bench.setTheme(theme);
        await bench.screenshot(`team-sub-runs-${theme}`);
      }
      assert.deepEqual(await accessibilityProblems(panel.locator('body')), []);
      await panel.getByRole('button', { name: 'Show its end' }).click();
      await bench.setTheme('dark');
      await bench.screenshot('team-sub-runs-end');
    },
  );

  await part('no error went uncaught', async () => {
    assert.deepEqual(bench.errors, []);
    assert.deepEqual(bench.policyViolations, []);
  });
});
