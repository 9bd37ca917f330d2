import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { accessibilityProblems } from '../../support/accessibility.ts';
import type { RecordedRun } from '../../support/recorded-run.ts';
import * as runs from '../../support/sample-runs.ts';
import { panelTests } from './panel-tests.ts';
import { dark, highContrast, light } from './themes.ts';

const { panel } = await panelTests();

const row = (page: Page, step: string): Locator => page.locator(`[id="row-${step}"]`);
const waterfall = (page: Page): Locator => page.getByRole('application');
const selected = (page: Page): Promise<string | null> =>
  page.getByRole('tree').getAttribute('aria-activedescendant');
/** Ids of the lines from top to bottom. */
const shown = (page: Page): Promise<readonly string[]> =>
  page.evaluate(`[...document.querySelectorAll('[role=treeitem]')]
    .sort((a, b) => a.dataset.index - b.dataset.index)
    .map(({ id }) => id.slice(4))`);
/** What the canvas shows, to tell one picture from another. */
const picture = (page: Page): Promise<string> =>
  page.evaluate(`document.querySelector('.waterfall canvas').toDataURL()`);
const all = (page: Page, selector: string, value: string): Promise<readonly string[]> =>
  page.evaluate(
    `[...document.querySelectorAll('.body:not([hidden]) ${selector}')].map((one) => one.${value})`,
  );
const slider = (page: Page): Locator => page.getByRole('slider', { name: 'Replay position' });

panel('a click on a bar selects its step and says so', runs.succeeded, async ({ page }) => {
  await waterfall(page).click({ position: { x: 480, y: 27 } });
  assert.equal(await selected(page), 'row-8');
  await page
    .getByRole('status')
    .getByText('shell_run, Tool call, step 8, Returned an error, 4.2 s')
    .waitFor();
  await waterfall(page).hover({ position: { x: 950, y: 45 } });
  await page.locator('.tip').getByText('Model call claude-sonnet-4-5, step 12.1').waitFor();
});

panel('the keyboard zooms, moves and selects', runs.succeeded, async ({ page }) => {
  await waterfall(page).focus();
  const whole = await picture(page);
  const changes = async (key: string) => {
    const before = await picture(page);
    await page.keyboard.press(key);
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    assert.notEqual(await picture(page), before, key);
  };
  for (const key of ['+', 'w', 'd', 'ArrowRight', 'a', 'ArrowLeft', 'End', 's', 'Home']) await changes(key);
  await changes('0');
  assert.equal(await picture(page), whole);
  for (const expected of ['row-1', 'row-2', 'row-3']) {
    await page.keyboard.press('ArrowDown');
    assert.equal(await selected(page), expected);
  }
  await page.keyboard.press('ArrowUp');
  assert.equal(await selected(page), 'row-2');
  await changes('f');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.detail:focus').count(), 1);
});

panel(
  'the wheel zooms at the pointer, a drag moves, the small one leads',
  runs.succeeded,
  async ({ page }) => {
    await row(page, '14').waitFor();
    const whole = await picture(page);
    const box = await waterfall(page).boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 480, box.y + 27);
    await page.keyboard.down('Control');
    for (let notch = 0; notch < 5; notch++) await page.mouse.wheel(0, -120);
    await page.keyboard.up('Control');
    await page.locator('.tip').getByText('step 8').waitFor();
    const near = await picture(page);
    assert.notEqual(near, whole);
    await page.mouse.down();
    await page.mouse.move(box.x + 80, box.y + 27, { steps: 4 });
    await page.mouse.up();
    assert.notEqual(await picture(page), near);
    assert.equal(await selected(page), 'row-', 'a drag is no click');
    const map = await page.locator('.minimap').boundingBox();
    assert.ok(map);
    const before = await picture(page);
    await page.mouse.click(map.x + 1200, map.y + 10);
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    assert.notEqual(await picture(page), before);
  },
);

panel('steps are filtered by text, kind and failure', runs.succeeded, async ({ page }) => {
  await row(page, '14').waitFor();
  await page.getByRole('searchbox').fill('shell');
  assert.deepEqual(await shown(page), ['', '8', '12', '12.2']);
  await page.getByText('2 steps', { exact: true }).waitFor();
  await page.getByRole('checkbox', { name: 'Errors' }).check();
  assert.deepEqual(await shown(page), ['', '8']);
  await page.getByRole('searchbox').fill('nowhere');
  await page.getByText('No step matches').waitFor();
  await page.getByRole('searchbox').fill('');
  await page.getByRole('checkbox', { name: 'Errors' }).uncheck();
  await page.getByRole('combobox').selectOption('Approval');
  assert.deepEqual(await shown(page), ['', '10']);
  await page.reload();
  await row(page, '10').waitFor();
  assert.deepEqual(await shown(page), ['', '10'], 'it survives a reload');
});

panel('the replay goes back to what was, and forth again', runs.succeeded, async ({ page }) => {
  const header = page.locator('header');
  await header.getByText('$0.0361').waitFor();
  await slider(page).focus();
  await page.keyboard.press('Home');
  assert.deepEqual(await shown(page), ['', '1']);
  assert.equal(await selected(page), 'row-1');
  for (const line of ['', '1'])
    assert.match((await row(page, line).getAttribute('aria-label')) ?? '', /\b0 ms\b/, 'it had just begun');
  // The end of a step is the beginning of the next one here.
  for (let press = 0; press < 5; press++) await page.keyboard.press('ArrowRight');
  await header.getByText('$0.0091').waitFor();
  assert.match((await row(page, '6').getAttribute('aria-label')) ?? '', /Running|Finished/);
  await row(page, '5').click();
  await page.getByRole('tab', { name: 'Overview' }).click();
  await page.getByRole('tabpanel').getByText('$0.0091').waitFor();
  await page.getByRole('button', { name: 'One event back' }).click();
  await page.getByRole('button', { name: 'Show its end' }).click();
  await header.getByText('$0.0361').waitFor();
  assert.equal((await shown(page)).length, 17);
});

panel(
  'a run of several messages arrives whole, with what happened meanwhile',
  () => {
    const run = runs.long(12_000);
    run.events.pop();
    run.live = true;
    return run.begin('12001', 'chat', 'code', {});
  },
  async ({ page, posted }, run) => {
    run.append({ type: 'step.output', step: '12001', text: 'Half' });
    await row(page, '1').waitFor();
    run.append({ type: 'step.output', step: '12001', text: ' and half.' });
    await page.getByRole('tree').focus();
    await page.keyboard.press('End');
    await page.getByRole('tabpanel').getByText('Half and half.').waitFor();
    assert.ok(posted.includes('steps'));
    run.finish('12001', 500, { text: 'Done.' }).begin('12002', 'tool', 'files_list', {});
    await row(page, '12002').waitFor();
    await page.keyboard.press('Home');
    await row(page, '1').click();
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.getByRole('tabpanel').getByText('First token').waitFor();
  },
);

const prose = `# Findings

The **total** is wrong, see [the docs](https://example.com/a?b=1) and [this](javascript:window.hacked=1).

- [x] \`read\`
- ![a picture](https://example.com/x.png) <img src=x onerror="window.hacked=2">

| name | value |
|---|---|
| <script>window.hacked=3</script> | &lt;b&gt; |

\`\`\`ts
const text = "</pre><script>window.hacked=4</script>"; // note
\`\`\`

<iframe srcdoc="<script>parent.hacked=5</script>"></iframe>
[ref]: data:text/html,<script>window.hacked=6</script>
[go][ref]
${'> '.repeat(300)}deep`;

function written(): RecordedRun {
  const run = runs.begun();
  const message = {
    role: 'assistant',
    content: [
      { type: 'text', text: prose },
      {
        type: 'tool-call',
        callId: 'c',
        tool: 'files_edit',
        arguments: {
          path: 'a.ts',
          oldText: 'one\ntwo\nthree\n',
          newText: 'one\n2\nthree\n',
          deep: { list: [1, '<b>'] },
        },
      },
    ],
  };
  run.begin('10', 'chat', 'code', { route: 'code' }).finish('10', 900, { message });
  const images = [
    { type: 'text', text: '{"found": {"files": ["a.ts"]}}' },
    { type: 'image', mimeType: 'image/png', data: PIXELS },
    {
      type: 'image',
      mimeType: 'image/svg+xml',
      data: btoa('<svg xmlns="http://www.w3.org/2000/svg" onload="window.hacked=7"/>'),
    },
  ];
  return run.begin('11', 'tool', 'browser_look', {}).finish('11', 300, { content: images, isError: false });
}

/** Ten red pixels square. */
const PIXELS =
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC';

for (const theme of [dark, light, highContrast]) {
  panel(
    `Markdown, code, JSON, a change and a picture, and no markup of theirs: ${theme.name}`,
    written,
    async ({ page }) => {
      const body = page.getByRole('tabpanel');
      await row(page, '10').click();
      await body.getByRole('heading', { name: 'Findings' }).waitFor();
      assert.deepEqual(await all(page, 'a', 'href'), ['https://example.com/a?b=1']);
      assert.equal(await body.locator('.token-kwd').first().innerText(), 'const');
      await body.getByText('<b>', { exact: true }).waitFor();
      assert.deepEqual(await all(page, '.diff-line', 'dataset.sign'), [' ', '-', '+', ' ']);
      assert.deepEqual(await accessibilityProblems(page), []);
      await row(page, '11').click();
      await body.getByText('files', { exact: true }).waitFor();
      await body.getByRole('img', { name: 'Image, image/png' }).waitFor();
      assert.equal(await body.getByRole('img').count(), 1, 'a drawing that may hold scripts is only named');
      assert.deepEqual(await accessibilityProblems(page), []);
      assert.equal(await page.evaluate('window.hacked'), undefined);
      assert.equal(await page.locator('img, iframe, script:not([nonce]), [onload], [onerror]').count(), 0);
    },
    { theme },
  );
}
