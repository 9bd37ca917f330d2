import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { twoTries } from '../../support/compared-runs.ts';
import { keepRuns } from '../../support/keep-runs.ts';
import { partsOf, startSession } from './page/session.ts';

test('a person compares two runs, goes through what differs, and from a step to its trace', async (t) => {
  const session = await startSession({ workspace: path.join(projectRoot, 'examples', 'sample-workspace') });
  t.after(session.close);
  keepRuns(twoTries(), session.home, session.workspace);
  const bench = await session.open();
  const page = bench.webview('panel');
  const tree = page.getByRole('tree', { name: 'Steps of both runs' });
  const details = page.getByRole('region', { name: 'Details' });
  const selected = page.locator('[role=treeitem][aria-selected=true]');
  const part = partsOf(t, bench);

  await part('the view of runs opens them side by side, at the first difference', async () => {
    await bench.setTheme('dark');
    await bench.openContainer('Strata');
    await bench
      .treeItem(/Make the failing test/)
      .first()
      .click({ button: 'right' });
    await bench.chooseFromMenu('Compare Runs…');
    await bench.pick('Make the failing test pass: the discount is not applied to the total');
    await selected.filter({ hasText: 'Model call' }).waitFor();
    await details.getByRole('heading', { name: 'Model', exact: true }).waitFor();
    await bench.screenshot('compare-dark');
    assert.deepEqual(await accessibilityProblems(page.locator('body')), []);
  });

  await part('the keyboard leads from difference to difference', async () => {
    await tree.focus();
    await tree.press('n');
    await selected.filter({ hasText: 'files_edit' }).waitFor();
    await details.locator('.diff').first().waitFor();
  });

  await part('in the light theme and in high contrast too', async () => {
    await bench.setTheme('light');
    await bench.screenshot('compare-light');
    assert.deepEqual(await accessibilityProblems(page.locator('body')), []);
    await bench.setTheme('highContrast');
    await bench.screenshot('compare-high-contrast');
    assert.deepEqual(await accessibilityProblems(page.locator('body')), []);
  });

  await part('a reload of the window keeps the place', async () => {
    await page.getByLabel('Only differences').check();
    await selected.filter({ hasText: 'files_edit' }).waitFor();
    await bench.runCommand('Developer: Reload Window');
    await selected.filter({ hasText: 'files_edit' }).waitFor();
    assert.equal(await page.getByLabel('Only differences').isChecked(), true);
  });

  await part('the text form opens in an editor', async () => {
    await page.getByRole('button', { name: 'Open as Text' }).click();
    await bench.page.locator('.monaco-diff-editor').first().waitFor();
    // By the mouse: a command is chosen again when the palette is slow, and would then close the comparison as well.
    await bench.page.locator('.tabs-container .tab.active').getByRole('button', { name: /Close/ }).click();
    await bench.page.locator('.monaco-diff-editor').first().waitFor({ state: 'detached' });
  });

  await part('a step leads to its trace', async () => {
    await details.getByRole('button', { name: 'Open step 5 of A' }).click();
    await page.getByRole('tree', { name: 'Steps' }).waitFor();
    await page.getByRole('treeitem', { selected: true }).filter({ hasText: 'files_edit' }).waitFor();
    await bench.screenshot('compare-to-trace');
  });

  assert.deepEqual(bench.errors, []);
  assert.deepEqual(bench.policyViolations, []);
});
