import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { machineClock } from '../../../extension/src/vscode/machine-clock.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { nestedRuns, ROOT } from '../../support/nested-runs.ts';
import type { RecordedTeam } from '../../support/recorded-team.ts';
import type { PanelOptions } from './harness.ts';
import { panelTests } from './panel-tests.ts';
import { dark, highContrast, light } from './themes.ts';

const { panel } = await panelTests();

/** The page's clock stands where the team's does, so that what goes on is as long as it says. */
const duringIt = ({ root }: RecordedTeam): PanelOptions => ({
  clock: { ...machineClock, now: () => root.at },
});

const row = (page: Page, key: string): Locator => page.locator(`[id="row-${key}"]`);
const waterfall = (page: Page): Locator => page.getByRole('application');
const selected = (page: Page): Promise<string | null> =>
  page.getByRole('tree').getAttribute('aria-activedescendant');
const READER = `${ROOT}-3`;

panel(
  'a click on a header closes its sub-run, and one on a step of it shows that',
  nestedRuns,
  async ({ page }) => {
    await row(page, `${READER}/2`).waitFor();
    await page.getByRole('application', { name: '5 sub-runs, 5 open' }).waitFor();
    await waterfall(page).click({ position: { x: 300, y: 80 } });
    assert.equal(await selected(page), `row-${READER}/3`);
    await page.getByRole('heading', { name: /Model call .*step 3 of reader/ }).waitFor();
    await page.getByRole('status').getByText('step 3 of reader, Finished, 1.2 s').waitFor();
    await waterfall(page).click({ position: { x: 300, y: 62 } });
    await page.getByRole('status').getByText('Closed the sub-run of reader').waitFor();
    assert.equal(await selected(page), 'row-3', 'what was selected inside of it gives way to its step');
    assert.equal(await row(page, `${READER}/2`).count(), 0);
    await page.getByRole('application', { name: '5 sub-runs, 4 open' }).waitFor();
  },
  duringIt,
);

panel(
  'the keyboard goes into a sub-run, closes it, and a reload remembers that',
  nestedRuns,
  async ({ page, posted }) => {
    await row(page, `${READER}/2`).waitFor();
    await waterfall(page).focus();
    for (let press = 0; press < 4; press++) await page.keyboard.press('ArrowDown');
    assert.equal(await selected(page), `row-${READER}/1`);
    await page.keyboard.press('Space');
    assert.equal(await selected(page), 'row-3');
    assert.equal(await row(page, '3').getAttribute('aria-expanded'), 'false');
    await page.keyboard.press('Space');
    await page.getByRole('status').getByText('Opened the sub-run of reader, 3 steps').waitFor();
    assert.equal(posted.filter((type) => type === 'sub-run').length, 5, 'nothing is sent twice');
    await page.getByRole('tree').focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await row(page, '3').getAttribute('aria-expanded'), 'false');
    await page.reload();
    await row(page, `${ROOT}-6/1`).waitFor();
    assert.equal(await row(page, '3').getAttribute('aria-expanded'), 'false');
  },
  duringIt,
);

panel(
  'the replay goes through the steps of open sub-runs too, and says whose they are',
  nestedRuns,
  async ({ page }) => {
    const slider = page.getByRole('slider', { name: 'Replay position' });
    const text = () => slider.getAttribute('aria-valuetext');
    const facts = page.locator('header');
    await page.getByText('All 20 steps, with 5 sub-runs').waitFor();
    await slider.focus();
    await page.keyboard.press('Home');
    assert.equal(await text(), '0 ms, 1 of 20 steps, step 1 of coder');
    for (const _ of [1, 2]) await page.keyboard.press('ArrowRight');
    assert.equal(await text(), '1.6 s, 4 of 20 steps, step 1 of reader');
    assert.equal(await selected(page), `row-${READER}/1`);
    await facts.getByText('$0.0110').waitFor();

    await page.keyboard.press('ArrowRight');
    assert.equal(await selected(page), `row-${READER}/2`);
    await page.getByRole('heading', { name: /files_read .*step 2 of reader.*Running/ }).waitFor();
    assert.equal(await row(page, `${READER}/3`).count(), 0, 'it had not begun');
    // What a call of the sub-run came to is known then, and not only when all of it has ended.
    await facts.getByText('$0.0170').waitFor();
    await facts.getByText('3 and 2 of sub-runs').waitFor();

    await page.getByRole('button', { name: 'One event forth' }).click();
    await page.getByRole('status').getByText('2.7 s, 6 of 20 steps, step 3 of reader').waitFor();
    await page.getByRole('button', { name: 'One event back' }).click();
    assert.equal(await selected(page), `row-${READER}/2`);

    await page.getByRole('tree').focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await row(page, '3').getAttribute('aria-expanded'), 'false');
    assert.equal(await text(), '2.5 s, 3 of 17 steps, step 3 of coder');
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await selected(page), 'row-4', 'those of a closed one are passed over');
    await page.getByRole('button', { name: 'Show its end' }).click();
    await page.getByText('All 17 steps, with 4 sub-runs').waitFor();
  },
  duringIt,
);

panel(
  'what a sub-run does is seen while it goes on',
  () => nestedRuns({ live: true }),
  async ({ page }, team) => {
    const tester = team.runs.get(`${ROOT}-8`);
    assert.ok(tester);
    await page.getByRole('tree').focus();
    await page.keyboard.press('End');
    await row(page, `${ROOT}-8/2`).waitFor();
    tester.append({ type: 'step.output', step: '2', text: 'One test fails.' });
    await row(page, `${ROOT}-8/2`).click();
    await page.getByRole('tabpanel').getByText('One test fails.').waitFor();
    tester.finish('2', 300, { text: 'Done.' }).begin('3', 'tool', 'files_read', {});
    await row(page, `${ROOT}-8/3`).waitFor();
  },
  duringIt,
);

panel(
  'a sub-run that was pruned says so in its line',
  () => {
    const team = nestedRuns();
    team.runs.delete(READER);
    return team;
  },
  async ({ page }) => {
    await row(page, '3').getByText('its run is not in the log any more').waitFor();
    assert.equal(await row(page, '3').getAttribute('aria-expanded'), null);
  },
  duringIt,
);

for (const theme of [dark, light, highContrast]) {
  panel(
    `no rule of axe is broken: ${theme.name}`,
    nestedRuns,
    async ({ page }) => {
      await row(page, `${READER}/2`).click();
      assert.deepEqual(await accessibilityProblems(page), []);
    },
    (team) => ({ ...duringIt(team), theme }),
  );
}
