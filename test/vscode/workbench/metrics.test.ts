import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { folderHome } from '../../../extension/src/node/home.ts';
import { openRunStore } from '../../../extension/src/node/sqlite/index.ts';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { keepManyRuns } from '../../bench/traces/many-runs.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { partsOf, startSession } from './page/session.ts';

const HOUR_MS = 3_600_000;

/** Runs of the last 25 days, one every two hours. */
function recordRuns(home: string, workspace: string): void {
  const storage = folderHome(home, workspace);
  mkdirSync(storage, { recursive: true });
  const store = openRunStore(path.join(storage, 'runs.db'), Date.now);
  try {
    keepManyRuns(store, 300, Date.now() - 301 * 2 * HOUR_MS, 2 * HOUR_MS);
  } finally {
    store.dispose();
  }
}

test('a person looks at metrics, goes from a chart to its runs, and from a run to its trace', async (t) => {
  const session = await startSession({ workspace: path.join(projectRoot, 'examples', 'sample-workspace') });
  t.after(session.close);
  recordRuns(session.home, session.workspace);
  const bench = await session.open();
  const page = bench.webview('panel');
  const runs = page.getByRole('slider', { name: 'Runs over time' });
  const part = partsOf(t, bench);

  await part('the palette opens them', async () => {
    await bench.setTheme('dark');
    await bench.runCommand('Strata: Show Metrics');
    await runs.waitFor();
    await page.getByRole('heading', { name: '300 runs' }).waitFor();
    await bench.screenshot('metrics-dark');
    assert.deepEqual(await accessibilityProblems(page.locator('body')), []);
  });

  await part('in the light theme too', async () => {
    await bench.setTheme('light');
    await bench.screenshot('metrics-light');
    assert.deepEqual(await accessibilityProblems(page.locator('body')), []);
  });

  await part('a reload of the window keeps what was chosen', async () => {
    await page.getByLabel('Lines by').selectOption('model');
    await page.getByRole('button', { name: 'bench/gpt-5', exact: true }).click();
    await page.getByRole('heading', { name: 'bench/gpt-5' }).waitFor();
    await bench.runCommand('Developer: Reload Window');
    await page.getByRole('heading', { name: 'bench/gpt-5' }).waitFor();
  });

  await part('a column leads to its runs, and a run to its trace', async () => {
    await runs.press('ArrowLeft');
    await runs.press('Enter');
    await page
      .getByRole('status')
      .getByText(/^\d+ runs: bench\/gpt-5, /)
      .waitFor();
    await page.getByRole('complementary').getByRole('button').first().click();
    await page.getByRole('tree', { name: 'Steps' }).waitFor();
    await bench.screenshot('metrics-to-trace');
  });

  assert.deepEqual(bench.errors, []);
});
