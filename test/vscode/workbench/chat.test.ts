import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { dockerAnswers, needsDocker } from '../harness/docker.ts';
import { partsOf, startSession } from './page/session.ts';
import type { Workbench } from './page/workbench.ts';

const runLimitMs = 180_000;
const workspace = path.join(projectRoot, 'examples', 'sample-workspace');
/** As a person has them who uses the editor's chat without a sign-in. */
const settings = {
  'chat.disableAIFeatures': false,
  'chat.allowAnonymousAccess': true,
  'chat.byokUtilityModelDefault': 'mainAgent',
};

test('a person gives tasks to agents in the chat of the editor', async (t) => {
  if (!(await dockerAnswers())) {
    t.skip(needsDocker);
    return;
  }
  const session = await startSession({ workspace, settings });
  t.after(session.close);
  const bench = await session.open();
  const part = partsOf(t, bench);
  const answers = bench.page.locator('.interactive-session .interactive-response');
  const last = answers.last();

  await part('a question is answered by the explorer, as it comes, with a way to its trace', async () => {
    await say(bench, '/explorer', 'How are totals computed?');
    await last.getByText('src/cart.js').first().waitFor({ timeout: runLimitMs });
    await last.getByRole('button', { name: 'Open Trace' }).waitFor({ timeout: runLimitMs });
    await last.getByText(/offline demo model.*\.$/).waitFor();
    await bench.setTheme('dark');
    await bench.screenshot('chat-explorer-dark');
  });

  await part('the trace opens from the chat', async () => {
    await last.getByRole('button', { name: 'Open Trace' }).click();
    await bench.webview('panel').getByRole('tree', { name: 'Steps' }).waitFor();
  });

  await part('a change is made in a copy of the folder, and applied from the chat', async () => {
    await say(
      bench,
      '/coder',
      'A test of the discounts fails. Find the mistake, fix it, and show that the tests pass.',
    );
    await last
      .getByRole('button', { name: 'Apply Changes to src/discounts.js' })
      .waitFor({ timeout: runLimitMs });
    assert.equal(await last.getByText('an item that is added again').count(), 0, 'what a command prints');
    const file = path.join(session.workspace, 'src', 'discounts.js');
    assert.doesNotMatch(await readFile(file, 'utf8'), /quantity >= from/);
    await bench.screenshot('chat-coder-dark');
    await last.getByRole('button', { name: 'Apply Changes to src/discounts.js' }).click();
    await bench.notification(/applied/i).waitFor();
    assert.match(await readFile(file, 'utf8'), /quantity >= from/);
  });

  await part('a command without its agent is answered with what to write', async () => {
    await say(bench, '/agent', 'nobody');
    await last.getByText(/wants the name of an agent or a workflow/).waitFor();
  });
});

/** As a person types it: the editor knows the participant, and a model, a while after it has opened. */
async function say(bench: Workbench, command: string, text: string): Promise<void> {
  await bench.runCommand('Chat: Open Chat');
  const box = bench.page.locator('.interactive-session .chat-input-container');
  await box.getByText('Strata: auto').waitFor({ timeout: runLimitMs });
  await box.locator('.monaco-editor').click();
  await bench.page.keyboard.press('Control+A');
  await bench.page.keyboard.press('Delete');
  await bench.page.keyboard.type(`@strata ${command} ${text}`);
  await bench.page.keyboard.press('Enter');
}
