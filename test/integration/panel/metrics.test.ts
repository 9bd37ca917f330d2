import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { openMetrics, openRunStore } from '../../../extension/src/node/sqlite/index.ts';
import { machineClock } from '../../../extension/src/vscode/machine-clock.ts';
import { MetricsSession } from '../../../extension/src/vscode/metrics-panel/session.ts';
import { keepManyRuns } from '../../bench/traces/many-runs.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { emptyFolder } from '../../support/old-run-log.ts';
import { chromiumOnPath, openPage, startBench } from './harness.ts';
import { dark, highContrast, light } from './themes.ts';

const executable = chromiumOnPath();
const bench = executable === undefined ? undefined : await startBench(executable);
after(() => bench?.dispose());

const HOUR_MS = 3_600_000;
/** Noon, so that the hours before it are of the same day. */
const NOW = new Date(2026, 2, 31, 12).getTime();

interface OpenMetrics {
  readonly page: Page;
  readonly asked: string[];
  readonly problems: string[];
  readonly store: ReturnType<typeof openRunStore>;
  readonly session: MetricsSession;
  /** Lets the next questions fail, as where the disk is full. */
  fail(isBroken: boolean): void;
}

interface Plan {
  /** One every two hours, the last one now. */
  readonly runs?: number;
  readonly look?: Parameters<typeof openPage>[3];
}

async function open(t: TestContext, { runs = 240, look = {} }: Plan): Promise<OpenMetrics | undefined> {
  if (!bench) {
    t.skip('needs Chromium: none is on the PATH');
    return undefined;
  }
  const folder = emptyFolder(t);
  const file = path.join(folder, 'runs.db');
  const store = openRunStore(file, () => NOW);
  t.after(() => store.dispose());
  keepManyRuns(store, runs, NOW - runs * 2 * HOUR_MS, 2 * HOUR_MS);
  const metrics = openMetrics(file, path.join(folder, 'metrics.db'));
  t.after(() => metrics.dispose());
  const { page, problems, post, load } = await openPage(t, bench, 'metrics', look);
  const asked: string[] = [];
  let isBroken = false;
  const session = new MetricsSession({
    folder: {
      ...{ folder: '/w/shop', name: 'shop' },
      metrics: {
        metrics: (query, options) =>
          isBroken ? Promise.reject(new Error('The disk is full.')) : metrics.metrics(query, options),
        runs: metrics.runs,
      },
      find: (run) => store.find(run),
    },
    actions: {
      openRun: (run) => Promise.resolve(asked.push(`open ${run}`)),
      runAgent: (where) => Promise.resolve(asked.push(`run ${where}`)),
    },
    post,
    showError: (message) => asked.push(`error ${message}`),
    ...{ now: () => NOW, after: machineClock.after },
  });
  t.after(() => {
    session.dispose();
  });
  await load((data) => session.receive(data));
  return { page, asked, problems, store, session, fail: (broken) => (isBroken = broken) };
}

function metrics(name: string, body: (opened: OpenMetrics) => Promise<void>, plan: Plan = {}): void {
  test(name, async (t) => {
    const opened = await open(t, plan);
    if (!opened) return;
    await body(opened);
    assert.deepEqual(opened.problems, []);
  });
}

const chart = (page: Page, title: string) => page.getByRole('slider', { name: `${title} over time` });
const side = (page: Page) => page.getByRole('complementary', { name: 'Runs behind the numbers' });
const tile = (page: Page, name: string): Promise<string> =>
  page.evaluate(
    `[...document.querySelectorAll('.tile')].find((one) => one.firstChild.textContent === '${name}').textContent`,
  );
const names = (page: Page): Promise<readonly string[]> =>
  page.evaluate(
    `[...document.querySelectorAll('.groups tbody .line-name')].map(({ textContent }) => textContent)`,
  );

metrics('all runs of the last month, in numbers, charts and lines', async ({ page }) => {
  await page.getByRole('heading', { name: 'Metrics shop' }).waitFor();
  await chart(page, 'Runs').waitFor();
  assert.match(await tile(page, 'Runs'), /^Runs240 /);
  assert.match(await tile(page, 'Success rate'), /^Success rate\d\d\.\d % \d+ failed$/);
  assert.match(await tile(page, 'Latency'), /p50; p95 \d/);
  assert.deepEqual(
    await page.evaluate(`[...document.querySelectorAll('.chart h3')].map(({ textContent }) => textContent)`),
    [
      ...['Runs', 'Success rate', 'Cost', 'Tokens', 'Latency', 'Time to first token', 'Input from cache'],
      'Tool calls',
    ],
  );
  assert.deepEqual((await names(page)).toSorted(), [
    ...['All', 'coder', 'planner', 'researcher', 'reviewer', 'tester', 'writer'],
  ]);
  await side(page).getByRole('heading', { name: '240 runs' }).waitFor();
  await side(page).getByText('And 140 older ones').waitFor();
});

metrics(
  'a column leads to its runs, and a run to its trace, by the keyboard alone',
  async ({ page, asked }) => {
    const runs = chart(page, 'Runs');
    await runs.focus();
    await page.keyboard.press('End');
    const last = await runs.getAttribute('aria-valuetext');
    assert.match(last ?? '', /Mar 31, 2026: succeeded \d+, failed \d+, others 0$/);
    await page.keyboard.press('ArrowLeft');
    assert.match((await runs.getAttribute('aria-valuetext')) ?? '', /Mar 30, 2026: succeeded/);
    await page.keyboard.press('Enter');
    await side(page).getByText('Mar 30, 2026').first().waitFor();
    await side(page).getByRole('heading', { name: '12 runs' }).waitFor();
    await page.getByRole('status').getByText('12 runs: Mon, Mar 30, 2026').waitFor();
    await side(page).getByRole('button').first().press('Enter');
    await page.waitForFunction('true');
    assert.match(asked.join(), /^open r-[0-9a-z]{16}$/);
  },
);

metrics('a line chooses what the charts are of, and another grouping forgets it', async ({ page }) => {
  const coder = page.getByRole('button', { name: 'coder', exact: true });
  await coder.click();
  await page.getByRole('heading', { name: 'coder' }).waitFor();
  assert.equal(await coder.getAttribute('aria-pressed'), 'true');
  const count = Number((await tile(page, 'Runs')).match(/^Runs(\d+) /)?.[1]);
  assert.ok(count > 20 && count < 80, String(count));
  await side(page)
    .getByRole('heading', { name: `${String(count)} runs` })
    .waitFor();
  assert.doesNotMatch(await side(page).innerText(), /· (writer|planner) ·/);
  await page.getByLabel('Lines by').selectOption('tool');
  await page.getByRole('heading', { name: 'All runs' }).waitFor();
  await page.getByRole('button', { name: 'git_diff' }).click();
  await page.getByRole('heading', { name: 'git_diff' }).waitFor();
  // A tool has neither tokens nor a cost.
  assert.equal(await chart(page, 'Tokens').count(), 0);
  await chart(page, 'Tool calls').waitFor();
});

metrics('lines are sorted by any number', async ({ page }) => {
  await page.getByLabel('Lines by').selectOption('model');
  const cost = page.locator('.groups').getByRole('button', { name: 'cost' });
  await page.getByRole('button', { name: 'bench/gpt-5', exact: true }).waitFor();
  const costs = (): Promise<readonly number[]> =>
    page.evaluate(`[...document.querySelectorAll('.groups tbody tr')].slice(1)
      .map((row) => Number(row.children[3].textContent.slice(1)))`);
  await cost.click();
  const falling = await costs();
  assert.deepEqual(
    falling,
    [...falling].sort((a, b) => b - a),
  );
  assert.equal(await page.locator('.groups th[aria-sort]').getAttribute('aria-sort'), 'descending');
  await page.keyboard.press('Enter');
  assert.deepEqual(await costs(), [...falling].reverse());
});

metrics('times of a day, and what was chosen after a reload', async ({ page }) => {
  await page.getByLabel('Time', { exact: true }).selectOption('Last 24 hours');
  await page.getByRole('heading', { name: '12 runs' }).waitFor();
  assert.equal(await page.getByLabel('Columns').inputValue(), 'hour');
  await page.reload();
  await page.getByRole('heading', { name: '12 runs' }).waitFor();
  assert.equal(await page.getByLabel('Time', { exact: true }).inputValue(), '1');
});

metrics('the charts can be read as a table', async ({ page }) => {
  await page.getByText('The charts as a table').click();
  const table = page.getByRole('table', { name: 'The charts as a table' });
  await table.getByRole('button', { name: 'Mon, Mar 30, 2026' }).click();
  await side(page).getByRole('heading', { name: '12 runs' }).waitFor();
});

metrics(
  'without runs it says what would be here, and offers to begin',
  async ({ page, asked }) => {
    await page.getByRole('heading', { name: 'No agent has run in this folder yet.' }).waitFor();
    await page.getByRole('button', { name: 'Run Agent…' }).click();
    assert.deepEqual(asked, ['run /w/shop']);
  },
  { runs: 0 },
);

metrics('a failure says what is wrong, and can be tried again', async ({ page, fail }) => {
  await chart(page, 'Runs').waitFor();
  fail(true);
  await page.getByLabel('Lines by').selectOption('model');
  await page.getByRole('heading', { name: 'The disk is full.' }).waitFor();
  fail(false);
  await page.getByRole('button', { name: 'Try Again' }).click();
  await page.getByRole('button', { name: 'bench/gpt-5', exact: true }).waitFor();
});

metrics(
  'what runs meanwhile is counted, and the keyboard stays where it was',
  async ({ page, store, session }) => {
    await chart(page, 'Cost').focus();
    store.importRun(store.exportRun('r-000000000000006n'), 'r-more');
    session.changed();
    await side(page).getByRole('heading', { name: '241 runs' }).waitFor();
    const focused = await page.evaluate(`document.activeElement.getAttribute('aria-label')`);
    assert.equal(focused, 'Cost over time');
  },
);

const sights: readonly (readonly [string, Plan])[] = [
  ...[dark, light, highContrast].map((theme) => [theme.name, { runs: 36, look: { theme } }] as const),
  ['narrow', { runs: 36, look: { width: 520, height: 900 } }],
  ['zoomed to 200 %', { runs: 36, look: { zoom: 2 } }],
  ['no runs', { runs: 0 }],
];
for (const [name, plan] of sights)
  metrics(
    `axe finds nothing: ${name}`,
    async ({ page }) => {
      await page.locator('.chart, .words h2').first().waitFor();
      if (plan.runs !== 0) {
        await page.getByText('The charts as a table').click();
        await side(page).getByRole('heading').waitFor();
        await chart(page, 'Tokens').focus();
      }
      const shots = process.env['STRATA_SCREENSHOTS'];
      if (shots !== undefined)
        await page.screenshot({
          path: path.join(shots, `metrics-${name}.png`),
          fullPage: true,
        });
      assert.deepEqual(await accessibilityProblems(page), []);
      const wide = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(wide, 0, 'the page scrolls sideways');
    },
    plan,
  );
