import assert from 'node:assert/strict';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { accessibilityProblems } from '../../support/accessibility.ts';
import * as runs from '../../support/sample-runs.ts';
import { panelTests } from './panel-tests.ts';
import { teamRun, workflowRun } from './team-runs.ts';
import { dark, highContrast, light } from './themes.ts';

const { panel } = await panelTests();

const row = (page: Page, step: string): Locator => page.locator(`[id="row-${step}"]`);
const node = (page: Page, name: string): Locator => page.locator(`[data-node="${name}"]`);
const box = (page: Page): Locator => page.getByRole('textbox', { name: 'Say something to the agent' });

panel('a workflow is a graph, and its nodes lead to their steps', workflowRun, async ({ page }) => {
  await node(page, 'outline').waitFor();
  const names = await page
    .locator('.graph-node')
    .evaluateAll((buttons) =>
      buttons.map((button) => (button as unknown as { ariaLabel: string }).ariaLabel),
    );
  assert.deepEqual(names, [
    'outline planner, Finished. Leads to draft',
    'draft writer, Finished, ran 2 times. Leads to facts, style',
    'facts checker on each part, Running. Leads to polish',
    'style reviewer, Finished, ran 2 times. Leads to polish, draft when answer contains "REWRITE", at most 2×',
    'polish writer, Not reached yet. Leads to publish when answer contains "READY"',
    'publish coder, Not reached yet. Leads nowhere else',
  ]);
  await node(page, 'style').press('Enter');
  await page.locator('.selected-step').getByText('step 7').waitFor();
  assert.equal(await node(page, 'style').getAttribute('aria-pressed'), 'true');
  assert.equal(await page.getByRole('tree').isVisible(), false);
  await page.getByRole('button', { name: 'Steps', exact: true }).click();
  await row(page, '6.1').waitFor();
  await page.reload();
  await row(page, '6.1').waitFor();
});

panel('the agents of a run are a graph, once there are more than one', teamRun, async ({ page }, run) => {
  await row(page, '7').waitFor();
  await page.getByRole('button', { name: 'Graph', exact: true }).click();
  const names = await page
    .locator('.graph-node')
    .evaluateAll((buttons) =>
      buttons.map((button) => (button as unknown as { ariaLabel: string }).ariaLabel),
    );
  assert.deepEqual(names, [
    'coder began, Handed over. Leads to helper as a sub-agent, tester by a hand-over',
    'helper sub-agent, Finished. Leads nowhere else',
    'tester took over, Paused. Leads nowhere else',
  ]);
  await page.getByRole('region', { name: 'Agents' }).waitFor();
  assert.equal(await page.locator('.graph-edge text').count(), 1, 'a hand-over is called one');
  await page.locator('.graph-node', { hasText: 'helper' }).press('Enter');
  await page.locator('.selected-step').getByText('step 4').waitFor();
  run
    .begin('8', 'hand-over', 'coder', { from: 'tester', to: 'coder', message: 'Done.' })
    .finish('8', 0, { agent: 'coder', message: 'Done.' });
  await page.getByRole('button', { name: /^coder began, Paused/ }).waitFor();
  assert.equal(await page.locator('.graph-edge').count(), 3);
  assert.deepEqual(await accessibilityProblems(page), []);
  const shots = process.env['STRATA_SCREENSHOTS'];
  if (shots !== undefined) await page.screenshot({ path: path.join(shots, 'agents.png') });
});

panel('nodes do not touch each other, and lines end at them', workflowRun, async ({ page }) => {
  await node(page, 'publish').waitFor();
  const boxes = await Promise.all((await page.locator('.graph-node').all()).map((one) => one.boundingBox()));
  for (const [index, a] of boxes.entries()) {
    for (const b of boxes.slice(index + 1)) {
      assert.ok(a && b);
      assert.ok(
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y,
      );
    }
  }
  assert.equal(await page.locator('.graph-edge').count(), 7);
});

panel(
  'a call of a sub-run that waits is answered here',
  workflowRun,
  async ({ page, asked, session }, run) => {
    const call = page.getByRole('region', { name: 'Approval of shell_run, step 7' });
    await call.getByText('{"command":"npm test"}').waitFor();
    await call.getByText('Edit…').click();
    await call.getByText('Refuse…').click();
    await call.getByText('Allow', { exact: true }).click();
    await call.getByRole('button', { name: 'step 7 of a sub-run' }).click();
    const sub = `${run.id}-6_1`;
    assert.deepEqual(asked, [`edit ${sub} 7`, `refuse ${sub} 7`, `allow ${sub} 7`, `run ${sub} 7`]);
    run.waiting = [];
    session.refresh();
    await call.waitFor({ state: 'detached' });
  },
);

panel(
  'what is said to the agent waits until it was read',
  () => runs.running(Date.now()),
  async ({ page, asked }, run) => {
    await box(page).fill('Leave the tests\nas they are');
    await box(page).press('Enter');
    assert.equal(asked.length, 0, 'Enter alone begins a new line');
    await box(page).press('Control+Enter');
    await page.waitForFunction(`document.querySelector('.steer-text').value === ''`);
    assert.deepEqual(asked.splice(0), ['steer Leave the tests\nas they are']);
    run.append({ type: 'run.steered', steering: { text: 'Leave the tests' } });
    const unread = page.getByRole('list', { name: 'Not read yet' });
    await unread.getByText('Leave the tests').waitFor();
    run.begin('11', 'steer', 'user', {}).finish('11', 0, { text: 'Leave the tests' });
    await unread.getByText('Leave the tests').waitFor({ state: 'detached' });
  },
);

panel(
  'a run of another window cannot be steered from here',
  () => runs.succeeded(),
  async ({ page }) => {
    await row(page, '1').waitFor();
    assert.equal(await box(page).isVisible(), false);
  },
);

panel(
  'origin, edited result, sub-agent, merge and breaker of a forked run',
  teamRun,
  async ({ page, asked }) => {
    const header = page.locator('header');
    await header.getByText('Forked from r-0001mb3kq7xw2d5f at step 2').waitFor();
    await header.getByRole('button', { name: 'Show the original' }).click();
    await page.getByText('with the same result.').first().waitFor();
    assert.equal(await header.getByText('Resume').isVisible(), true);
    await row(page, '2').click();
    await page.getByText('A person gave this result').waitFor();
    await page.getByRole('button', { name: 'Fork here…' }).click();
    await row(page, '4').click();
    await page.getByRole('button', { name: 'Open its trace' }).click();
    await page.getByRole('tab', { name: 'Overview' }).click();
    for (const text of ['$0.0214', '2, tried again 1×', '5,200'])
      await page.getByRole('tabpanel').getByText(text).first().waitFor();
    await row(page, '5').click();
    await page.getByRole('tab', { name: 'Output' }).click();
    await page.getByRole('tabpanel').getByText('You and the run changed the same lines.').waitFor();
    await row(page, '7').click();
    assert.equal(await page.getByRole('button', { name: 'Fork here…' }).count(), 0, 'it has not ended');
    assert.deepEqual(asked, ['run r-0001mb3kq7xw2d5f 2', 'fork 2', 'run r-0001mb3kq7xw2d71-4']);
  },
);

for (const theme of [dark, light, highContrast]) {
  panel(
    `axe finds nothing in a workflow that goes on: ${theme.name}`,
    workflowRun,
    async ({ page }) => {
      await node(page, 'style').click();
      assert.deepEqual(await accessibilityProblems(page), []);
      await page.getByRole('button', { name: 'Steps', exact: true }).click();
      await row(page, '6.1').click();
      assert.deepEqual(await accessibilityProblems(page), []);
    },
    { theme },
  );
}

panel(
  'a narrow panel holds the graph',
  workflowRun,
  async ({ page }) => {
    await node(page, 'publish').waitFor();
    const [inner, outer] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    assert.ok(inner <= outer, `${String(inner)} > ${String(outer)}`);
  },
  { width: 420 },
);
