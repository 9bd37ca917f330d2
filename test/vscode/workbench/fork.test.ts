import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { projectRoot } from '../../../scripts/editor/index.ts';
import type { Message } from '../../../extension/src/protocol/message.ts';
import { textOf } from '../../../extension/src/protocol/message.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { asAgent, startModelServer } from '../../support/model-server/index.ts';
import { partsOf, startSession } from './page/session.ts';

const runLimitMs = 120_000;
const task = 'Read what this is about';

/** Reads a file, and answers with its prompt, its own name and the beginning of what it read. */
const script = asAgent((messages, _tools, { model }) => {
  const read = messages.findLast(({ role }) => role === 'tool');
  if (!read) return { toolCalls: [{ name: 'files_read', arguments: { path: 'package.json' } }] };
  return { text: `${said(messages)} I am ${model} and have read: ${textOf(read).slice(0, 30)}` };
});

function said(messages: readonly Message[]): string {
  const system = messages.find(({ role }) => role === 'system');
  return system ? (textOf(system).trim().split('\n')[0] ?? '') : '';
}

async function ariaLabels(rows: Locator): Promise<string[]> {
  return await rows.evaluateAll((all) =>
    all.map((row) => (row as unknown as { ariaLabel: string | null }).ariaLabel ?? ''),
  );
}

test('a person forks a run with another prompt, another model and another result', async (t) => {
  const source = await mkdtemp(path.join(tmpdir(), 'strata-fork-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  const server = await startModelServer(script);
  t.after(() => server.close());
  await cp(path.join(projectRoot, 'examples', 'sample-workspace'), source, { recursive: true });
  await mkdir(path.join(source, '.strata', 'agents'), { recursive: true });
  const deployment = (model: string) => ({ provider: 'openai', model, baseUrl: `${server.url}/v1` });
  const routes = { code: [deployment('first')], fast: [deployment('second')] };
  await writeFile(path.join(source, '.strata', 'models.jsonc'), JSON.stringify({ routes }));
  await writeFile(
    path.join(source, '.strata', 'agents', 'reader.agent.md'),
    '---\nname: reader\ndescription: reads\nroute: code\ntools: [files_read]\nmemory: false\n---\nYou read.\n',
  );
  const session = await startSession({
    workspace: source,
    env: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' },
  });
  t.after(session.close);
  const bench = await session.open();
  const panel = bench.webview('panel');
  const header = panel.locator('header');
  const steps = panel.getByRole('tree', { name: 'Steps' }).getByRole('treeitem');
  const read = panel.getByRole('treeitem', { name: /^files_read/ });
  const editor = bench.page.locator('.editor-instance .monaco-editor:visible').first();
  const part = partsOf(t, bench);

  /** The steps, without the line of the whole run above them. */
  const labels = async (): Promise<string[]> => (await ariaLabels(steps)).slice(1);
  const forkAt = async (step: typeof read, change: string): Promise<void> => {
    await step.first().click();
    await panel.getByRole('button', { name: 'Fork here…' }).click();
    await bench.page.locator('.quick-input-list').getByText(change).click();
  };
  const rewrite = async (before: string, after: string, lens: string): Promise<void> => {
    await editor.getByText(before).first().waitFor();
    await bench.screenshot(`fork-edit-${after.split(/\W+/)[1] ?? ''}`);
    await editor.locator('.view-line').first().click();
    await bench.page.keyboard.press('Control+A');
    await bench.page.keyboard.insertText(after);
    await editor.getByText(lens).click();
  };
  const answered = async (origin: RegExp, answer: string): Promise<void> => {
    await header.getByText(origin).waitFor();
    await header.getByText('Succeeded').waitFor({ timeout: runLimitMs });
    await panel
      .getByRole('treeitem', { name: /^Model call/ })
      .last()
      .click();
    await panel.getByRole('tab', { name: 'Output' }).click();
    await panel.getByText(answer).first().waitFor();
    await bench.dismissNotifications();
  };
  const backToSource = async (): Promise<void> => {
    await header.getByRole('button', { name: 'Show the original' }).click();
    await header.getByRole('button', { name: 'Show the original' }).waitFor({ state: 'hidden' });
  };
  let taken: string[] = [];

  await part('there is a run to fork', async () => {
    await bench.setTheme('dark');
    await bench.runCommandAndPick('Strata: Run Agent…', 'reader');
    await bench.answer(task);
    await bench.openContainer('Strata');
    await bench.treeItem(task.slice(0, 20)).first().click();
    await header.getByText('Succeeded').waitFor({ timeout: runLimitMs });
    await bench.dismissNotifications();
    const all = await labels();
    taken = all.slice(0, all.findIndex((label) => label.startsWith('files_read')) + 1);
    assert.ok(taken.length > 2, all.join('\n'));
  });

  await part('a closed editor calls it off', async () => {
    await forkAt(read, 'Change the agent’s prompt…');
    await editor.getByText('You read.').first().waitFor();
    await editor.getByText('Cancel').click();
    await header.getByText('Succeeded').waitFor();
    assert.equal(server.requests.length, 2);
  });

  await part(
    'with another prompt: its first steps are those of the source, the rest is done anew',
    async () => {
      await forkAt(read, 'Change the agent’s prompt…');
      await rewrite('You read.', 'You sing.', 'Fork with this prompt');
      await answered(/^Forked from r-\w+ at step \d+, with another prompt$/, 'You sing. I am first');
      assert.deepEqual((await labels()).slice(0, taken.length), taken);
      await panel.getByRole('treeitem', { name: /^Steer/ }).waitFor();
      assert.equal(server.requests.length, 3, 'what was recorded is not asked again');
      assert.deepEqual(await accessibilityProblems(panel.locator('body')), []);
      await bench.screenshot('forked-prompt-dark');
    },
  );

  await part('a fork is forked again, from the prompt that it has', async () => {
    await forkAt(panel.getByRole('treeitem', { name: /^Steer/ }), 'Change the agent’s prompt…');
    await rewrite('You sing.', 'You dance.', 'Fork with this prompt');
    await answered(/^Forked from r-\w+ at step \d+, with another prompt$/, 'You dance. I am first');
    const ofTheFork = (await labels()).at(-1);
    await header.getByRole('button', { name: 'Show the original' }).click();
    // The source of the fork of a fork is a fork too.
    await panel.locator('.selected-step').getByText('Steer').waitFor();
    assert.notEqual((await labels()).at(-1), ofTheFork);
    await backToSource();
  });

  await part('with another model', async () => {
    await forkAt(read, 'Go on with another model…');
    await bench.page.locator('.quick-input-list').getByText('openai/second').first().waitFor();
    await bench.screenshot('fork-models');
    await bench.page.locator('.quick-input-list').getByText('openai/second').first().click();
    await answered(/^Forked from r-\w+ at step \d+, with openai\/second/, 'You read. I am second');
    assert.deepEqual((await labels()).slice(0, taken.length), taken);
    assert.equal(server.requests.at(-1)?.model, 'second');
    await backToSource();
  });

  await part('with another result, edited as the text that it is', async () => {
    await forkAt(read, 'Change the result of step');
    await rewrite('"name"', 'Nothing is "here".', 'Fork with this result');
    await answered(/^Forked from r-\w+ at step \d+, with another result$/, 'have read: Nothing is "here".');
    assert.equal((await labels()).length, taken.length + 1);
    await read.click();
    await panel.getByText('A person gave this result when the run was forked.').waitFor();
    await bench.screenshot('forked-result-dark');
    await bench.setTheme('light');
    assert.deepEqual(await accessibilityProblems(panel.locator('body')), []);
    await bench.screenshot('forked-result-light');
  });

  await part('the list of runs says of each fork where it came from, and with what', async () => {
    await bench.giveRoomTo('Runs');
    const rows = bench.treeItem(task.slice(0, 20));
    const froms = (await ariaLabels(rows)).map(
      (label) => /Forked from r-\w+ at step \d+, with ([^,]+?)(?: at |,)/.exec(label)?.[1],
    );
    assert.deepEqual(froms, [
      'another result',
      'openai/second',
      'another prompt',
      'another prompt',
      undefined,
    ]);
    await bench.treeItem('fork at step').first().waitFor();
    await bench.screenshot('forks-listed-light');
    await bench.setTheme('dark');
    await bench.screenshot('forks-listed-dark');
  });

  await part('no error went uncaught', () => {
    assert.deepEqual(bench.errors, []);
    assert.deepEqual(bench.policyViolations, []);
    return Promise.resolve();
  });
});
