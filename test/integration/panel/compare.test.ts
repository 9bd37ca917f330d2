import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { childRunId } from '../../../extension/src/protocol/run-event.ts';
import { machineClock } from '../../../extension/src/vscode/machine-clock.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { compareHost } from '../../support/compare-host.ts';
import type { CompareHost } from '../../support/compare-host.ts';
import { A, B, hostileTries, longTries, sameTries, twoTries } from '../../support/compared-runs.ts';
import type { WalkedLog } from '../../support/walked-runs.ts';
import { chromiumOnPath, openPage, startBench } from './harness.ts';
import { dark, highContrast, light } from './themes.ts';

const executable = chromiumOnPath();
const bench = executable === undefined ? undefined : await startBench(executable);
after(() => bench?.dispose());

interface Opened extends CompareHost {
  readonly page: Page;
  readonly problems: string[];
  readonly log: WalkedLog;
}

interface Plan {
  readonly log?: () => WalkedLog;
  readonly pair?: { readonly a: string; readonly b: string };
  readonly look?: Parameters<typeof openPage>[3];
}

async function open(t: TestContext, { log: makeLog = twoTries, pair = { a: A, b: B }, look = {} }: Plan) {
  if (!bench) {
    t.skip('needs Chromium: none is on the PATH');
    return undefined;
  }
  const log = makeLog();
  const { page, problems, post, load } = await openPage(t, bench, 'compare', look);
  const host = compareHost({ ...{ log, pair, post }, ...machineClock });
  host.files.set('b src/till.ts', 'x').set('c src/till.ts', 'y');
  t.after(() => {
    host.session.dispose();
  });
  await load((data) => host.session.receive(data));
  return { ...host, page, problems, log };
}

function compare(name: string, body: (opened: Opened) => Promise<void>, plan: Plan = {}): void {
  test(name, async (t) => {
    const opened = await open(t, plan);
    if (!opened) return;
    await body(opened);
    assert.deepEqual(opened.problems, []);
  });
}

const tree = (page: Page) => page.getByRole('tree', { name: 'Steps of both runs' });
const details = (page: Page) => page.getByRole('region', { name: 'Details' });
const status = (page: Page, text: string | RegExp) => page.getByRole('status').getByText(text).waitFor();
const selected = (page: Page) => page.locator('[role=treeitem][aria-selected=true]');
/** What is written in the selected row, without what is for the eye alone. */
const label = async (page: Page): Promise<string> => {
  const text = await page.evaluate<string>(`(() => {
    const copy = document.querySelector('[role=treeitem][aria-selected=true]').cloneNode(true);
    for (const hidden of copy.querySelectorAll('[aria-hidden]')) hidden.remove();
    return copy.textContent;
  })()`);
  return text.replaceAll(/\s+/g, ' ').trim();
};

compare('the first difference is found, and what differs is shown', async ({ page }) => {
  await status(page, '4 same · 4 changed · 3 only in A · 1 only in B');
  assert.match(
    await label(page),
    /^Differs A 4 Model call claude-sonnet-4-5 I apply.* B 4 Model call claude-opus-4-5 .* model, output time \+1.8 s tokens \+165 cost \+\$0.0061$/,
  );
  await details(page).getByRole('heading', { name: 'Model', exact: true }).waitFor();
  await details(page).getByText('sonnet', { exact: true }).waitFor();
  await page.getByText('Same path up to step 3; then step 4').waitFor();
  const totals = page.getByRole('table', { name: 'What both runs came to' });
  assert.match(
    (await totals.getByRole('row', { name: 'B − A' }).innerText()).replaceAll(/\s+/g, ' '),
    /^B − A = −\S+ s? ?\S* ?\+/,
  );
});

compare('from difference to difference by the keyboard alone', async ({ page }) => {
  await status(page, /same/);
  await page.keyboard.press('n');
  assert.match(await label(page), /^Differs A 5 files_edit/);
  await details(page).getByText('removed: ').first().waitFor({ state: 'attached' });
  for (const _ of [1, 2]) await page.keyboard.press('n');
  assert.match(await label(page), /^Only in A A 7 Sub-agent reviewer/);
  await page.keyboard.press('ArrowDown');
  assert.match(await label(page), /^Only in A A 1 files_read/);
  await page.keyboard.press('ArrowLeft');
  assert.match(await label(page), /^Only in A A 7 Sub-agent/);
  await page.keyboard.press('p');
  assert.match(await label(page), /^Differs A 6 shell_run/);
  await page.keyboard.press('End');
  assert.match(await label(page), /^Differs A Answer B Answer output$/);
  await details(page).getByText('One test still fails.').waitFor();
  await page.keyboard.press('n');
  await status(page, 'There is no difference after this one.');
  await page.keyboard.press('Home');
  assert.match(await label(page), /^Same A 1 Snapshot/);
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(`document.activeElement.getAttribute('aria-label')`), 'Details');
});

compare('a step leads to its trace, also one of a sub-run', async ({ page, said }) => {
  await status(page, /same/);
  await details(page).getByRole('button', { name: 'Open step 4 of B' }).click();
  await page.locator('.row', { hasText: '7 Sub-agent' }).locator('[data-open=a]').click();
  await page
    .locator('.row', { hasText: 'files_read' })
    .nth(1)
    .locator('.cell[data-side=a] .title')
    .dblclick();
  await page
    .getByRole('button', { name: /^Make the failing test pass/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Open as Text' }).click();
  await page.waitForFunction('true');
  assert.deepEqual(said, [
    `step ${B} 4`,
    `step ${A} 7`,
    `step ${childRunId(A, '7', 0)} 1`,
    `step ${A} -`,
    `text ${A} ${B}`,
  ]);
});

compare('files say which of them differ, and open side by side', async ({ page, said }) => {
  await page.getByText('Files (3 of 3 differ)').click();
  assert.deepEqual(await page.locator('.file-list li').allInnerTexts(), [
    'docs/till.md\nchanged only by A',
    'src/till.ts\ndiffers',
    'test/till.test.ts\nchanged only by B',
  ]);
  await page.getByRole('button', { name: 'docs/till.md' }).click();
  await page.getByRole('button', { name: 'src/till.ts' }).click();
  await page.waitForFunction('true');
  assert.deepEqual(said, [`file docs/till.md ${A} b ${B} c`, `file src/till.ts ${A} b ${B} c`]);
});

compare('only differences, and what was chosen after a reload', async ({ page }) => {
  await status(page, /same/);
  await page.getByLabel('Only differences').check();
  await tree(page).focus();
  await page.keyboard.press('End');
  assert.equal(await selected(page).getAttribute('aria-setsize'), '8');
  const before = await label(page);
  await page.reload();
  await status(page, /same/);
  assert.equal(await page.getByLabel('Only differences').isChecked(), true);
  assert.equal(await label(page), before);
});

compare(
  '10,000 steps: only what can be seen is in the page',
  async ({ page }) => {
    await status(page, '9900 same · 100 changed · 0 only in A · 0 only in B');
    assert.match(await label(page), /^Differs A 100 files_read/);
    await page.keyboard.press('n');
    assert.match(await label(page), /^Differs A 200 files_read/);
    await tree(page).focus();
    await page.keyboard.press('End');
    assert.match(await label(page), /^Differs A 10000 files_read/);
    await selected(page).waitFor();
    const drawn = await page.locator('[role=treeitem]').count();
    assert.ok(drawn < 80, String(drawn));
    await details(page).getByText(', changed').waitFor();
  },
  { log: () => longTries(10_000) },
);

test('what takes long says how far it is', async (t) => {
  if (!bench) {
    t.skip('needs Chromium: none is on the PATH');
    return;
  }
  const { page, problems, post, load } = await openPage(t, bench, 'compare', {});
  await load(() => {
    post({ type: 'progress', share: 0.427 });
  });
  await page.getByText('Comparing… 42 %').waitFor();
  const bar = page.getByRole('progressbar', { name: 'Comparing' });
  assert.equal(await bar.getAttribute('value'), '0.427');
  assert.deepEqual(await accessibilityProblems(page), []);
  post({ type: 'failed', pair: { a: A, b: B }, error: { code: 'run-not-found', message: 'It is gone.' } });
  await page.getByRole('heading', { name: 'It is gone.' }).waitFor();
  assert.equal(await bar.count(), 0);
  await page.getByRole('button', { name: 'Try Again' }).click();
  await page.getByText('Comparing… 42 %').waitFor();
  assert.deepEqual(problems, []);
});

compare(
  'two runs that did the same say so, and their steps can be looked at',
  async ({ page }) => {
    await status(page, 'All 3 steps are the same.');
    await details(page).getByText('Both did the same here').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Next Difference' }).isDisabled(), true);
    await page.getByLabel('Only differences').check();
    await page.getByText('Nothing differs').waitFor();
    await page.getByRole('button', { name: 'Show All Steps' }).click();
    await selected(page).waitFor();
  },
  { log: sameTries },
);

compare(
  'a run against itself has nothing to compare, and others can be chosen',
  async ({ page, said }) => {
    await page.getByRole('heading', { name: 'Both sides are the same run' }).waitFor();
    await page.getByRole('button', { name: 'Compare Other Runs…' }).click();
    await page.waitForFunction('true');
    assert.deepEqual(said, ['choose']);
  },
  { pair: { a: A, b: A } },
);

compare('a run that is removed meanwhile leaves a word', async ({ page, log, session }) => {
  await status(page, /same/);
  const run = log.runs.get(B);
  const events = run?.events.splice(0) ?? [];
  session.changed();
  await page.getByRole('heading', { name: `The run ${B} is in none of the open folders` }).waitFor();
  run?.events.push(...events);
  await page.getByRole('button', { name: 'Try Again' }).click();
  await selected(page).waitFor();
});

compare('what cannot be read is said in its place', async ({ page, breakBlobs }) => {
  await status(page, /same/);
  breakBlobs();
  await page.keyboard.press('Home');
  for (const _ of [1, 2]) await page.keyboard.press('ArrowDown');
  assert.match(await label(page), /^Same A 3 files_read/);
  await details(page).getByText('(A blob is damaged.)').waitFor();
});

compare(
  'nothing that a run recorded becomes part of the page',
  async ({ page }) => {
    await status(page, /changed/);
    await page.keyboard.press('n');
    assert.equal(await page.evaluate('window.hacked'), undefined);
    assert.equal(await page.locator('main img, main script').count(), 0);
  },
  { log: hostileTries },
);

const sights: readonly (readonly [string, Plan])[] = [
  ...[dark, light, highContrast].map((theme) => [theme.name, { look: { theme } }] as const),
  ['narrow', { look: { width: 520, height: 900 } }],
  ['zoomed to 200 %', { look: { zoom: 2 } }],
  ['a run against itself', { pair: { a: A, b: A } }],
];
for (const [name, plan] of sights)
  compare(
    `axe finds nothing: ${name}`,
    async ({ page }) => {
      await page.locator('.row, .words h2').first().waitFor();
      if (plan.pair === undefined) {
        await page.getByText('Files (3 of 3 differ)').click();
        await tree(page).focus();
        await page.keyboard.press('n');
        await details(page).locator('.diff').first().waitFor();
      }
      const shots = process.env['STRATA_SCREENSHOTS'];
      if (shots !== undefined) await page.screenshot({ path: path.join(shots, `compare-${name}.png`) });
      assert.deepEqual(await accessibilityProblems(page), []);
      const wide = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(wide, 0, 'the page scrolls sideways');
    },
    plan,
  );
