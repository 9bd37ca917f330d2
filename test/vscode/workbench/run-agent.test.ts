import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { dockerAnswers, needsDocker } from '../harness/docker.ts';
import { partsOf, startSession } from './page/session.ts';

const runLimitMs = 180_000;
const task = 'A test of the discounts fails. Find the mistake, fix it, and show that the tests pass.';
const workspace = path.join(projectRoot, 'examples', 'sample-workspace');

test('a person runs the coder, watches it, reads its trace and replays it', async (t) => {
  if (!(await dockerAnswers())) {
    t.skip(needsDocker);
    return;
  }
  const session = await startSession({ workspace });
  t.after(session.close);
  const bench = await session.open();
  const panel = bench.webview('panel');
  // The row holds the beginning of the task, so that the state and the cost beside it can be seen.
  const run = bench.treeItem(task.slice(0, 20)).first();

  const part = partsOf(t, bench);

  await part('the palette asks for an agent and a task', async () => {
    await bench.setTheme('dark');
    await bench.runCommand('Strata: Run Agent…');
    const agents = (await bench.pickLabels()).map((label) => label.split(',')[0]);
    assert.deepEqual(agents, ['coder', 'explorer', 'reviewer', 'planner']);
    await bench.pick('coder');
    await bench.answer(task);
  });

  await part('the run appears in the side bar, and its steps stream in', async () => {
    await bench.openContainer('Strata');
    await run.waitFor();
    assert.match((await run.getAttribute('aria-label')) ?? '', /^(running|succeeded): /);
    await bench.giveRoomTo('Runs');
    await bench.expand(run);
    await bench
      .treeItem(/files_read/)
      .first()
      .waitFor({ timeout: runLimitMs });
    await bench
      .treeItem(/files_edit/)
      .first()
      .waitFor({ timeout: runLimitMs });
  });

  await part('its end is announced, with the files that it changed', async () => {
    await bench.notification('The run has finished. It changed 1 file').waitFor({ timeout: runLimitMs });
    await run.and(bench.page.locator('[aria-label^="succeeded: "]')).waitFor();
  });

  await part('a click opens the trace panel with the timeline', async () => {
    await run.click();
    await panel.getByRole('tree', { name: 'Steps' }).waitFor();
    for (const step of [/Snapshot/, /memory_search/, /files_edit/, /shell_run/, /Model call/])
      await panel.getByRole('treeitem', { name: step }).first().waitFor();
  });

  await part('a step shows its input, its output, its tokens, cost and duration', async () => {
    await panel.getByRole('treeitem', { name: /files_edit/ }).click();
    await panel.getByRole('tab', { name: 'Input' }).click();
    await panel.getByText('quantity >= from').first().waitFor();
    await panel
      .getByRole('treeitem', { name: /shell_run/ })
      .last()
      .click();
    await panel.getByRole('tab', { name: 'Output' }).click();
    await panel
      .getByText(/pass 16/)
      .first()
      .waitFor();
    await panel
      .getByRole('treeitem', { name: /Model call/ })
      .first()
      .click();
    await panel.getByRole('tab', { name: 'Overview' }).click();
    for (const fact of [/tokens/i, /cost/i, /duration/i]) await panel.getByText(fact).first().waitFor();
  });

  for (const theme of ['light', 'dark'] as const) {
    await part(`side bar and panel read well in the ${theme} theme`, async () => {
      await bench.setTheme(theme);
      await panel
        .getByRole('treeitem', { name: /shell_run/ })
        .last()
        .click();
      await panel.getByRole('tab', { name: 'Output' }).click();
      await panel
        .getByText(/pass 16/)
        .first()
        .waitFor();
      assert.deepEqual(await accessibilityProblems(panel.locator('body')), []);
      await bench.dismissNotifications();
      await bench.screenshot(`trace-${theme}`);
    });
  }

  await part('a replay of it says that nothing diverged', async () => {
    await bench.runCommandAndPick('Strata: Replay Run', task);
    await bench.notification(/No divergence: \d+ steps replayed/).waitFor();
  });

  await part('nothing in the panel went against its content security policy', async () => {
    assert.deepEqual(bench.policyViolations, []);
    // A picture that it does not allow shows that such a thing would have been seen.
    const reported = bench.page.waitForEvent('console', (message) =>
      message.text().includes('example.invalid'),
    );
    await panel.locator('body').evaluate(`document.body.append(
      Object.assign(document.createElement('img'), { src: 'https://example.invalid/a.png' }))`);
    await reported;
    assert.match(bench.policyViolations.join('\n'), /^[^\n]*img-src[^\n]*$/);
  });

  await part('no error went uncaught in the workbench or the panel', async () => {
    assert.deepEqual(bench.errors, []);
  });
});
