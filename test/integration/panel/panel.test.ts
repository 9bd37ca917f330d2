import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { panelTests } from './panel-tests.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import * as runs from '../../support/sample-runs.ts';
import { dark, highContrast, light } from './themes.ts';

const { bench, panel } = await panelTests();

const row = (page: Page, step: string): Locator => page.locator(`[id="row-${step}"]`);
const tab = (page: Page, name: string): Locator => page.getByRole('tab', { name });
const output = (page: Page): Locator => page.getByRole('tabpanel');
const shows = async (where: Locator, ...texts: readonly string[]): Promise<void> => {
  for (const text of texts) await where.getByText(text).first().waitFor();
};
const changes = async (where: Locator, from: string): Promise<void> => {
  const limit = AbortSignal.timeout(10_000);
  while ((await where.innerText()) === from) limit.throwIfAborted();
};
const buttons = (page: Page): Promise<string[]> =>
  page.locator('.actions vscode-button:not([hidden])').allInnerTexts();
const scrollTop = (page: Page): Promise<number> =>
  page.evaluate<number>(`document.querySelector('.rows').scrollTop`);
const active = (page: Page): Promise<string | null> =>
  page.getByRole('tree').getAttribute('aria-activedescendant');

panel('a finished run: header, timeline, detail', runs.succeeded, async ({ page }) => {
  await shows(
    page.locator('header'),
    'Succeeded',
    'coder',
    'claude-sonnet-4-5',
    '13k in, 565 out',
    '$0.0361',
  );
  assert.deepEqual(await buttons(page), ['Apply changes', 'Discard', 'Replay', 'Rerun', 'Export']);
  assert.equal(await page.getByRole('treeitem').count(), 17);
  await shows(output(page), 'The discount is now applied');

  await row(page, '8').click();
  await shows(output(page), 'Expected values to be strictly equal');
  await tab(page, 'Input').click();
  await shows(output(page), 'command', 'npm test');
  await row(page, '5').click();
  await shows(output(page), 'You are a careful engineer', 'Make the failing test pass');
  await tab(page, 'Overview').click();
  await shows(output(page), '$0.0091', '1,680', 'answered with 529 overloaded', 'Reads only');
});

panel('the bars stand beside their steps, in order of time', runs.succeeded, async ({ page }) => {
  await row(page, '14').waitFor();
  const lefts: number[] = [];
  for (const step of ['1', '2', '3', '4', '5', '6', '7', '8', '9']) {
    const line = await row(page, step).boundingBox();
    const bar = await row(page, step).locator('.bar').boundingBox();
    assert.ok(line && bar && bar.y > line.y && bar.y + bar.height < line.y + line.height);
    lefts.push(bar.x);
  }
  assert.deepEqual(
    lefts,
    lefts.toSorted((a, b) => a - b),
  );
});

panel('the keyboard moves, folds, and goes to the detail', runs.succeeded, async ({ page }) => {
  const tree = page.getByRole('tree');
  await tree.focus();
  const press = async (key: string, expected: string) => {
    await page.keyboard.press(key);
    assert.equal(await active(page), expected, key);
  };
  await press('ArrowDown', 'row-1');
  await press('End', 'row-14');
  await press('ArrowUp', 'row-13');
  await press('ArrowUp', 'row-12.2');
  await press('ArrowLeft', 'row-12');
  await press('ArrowLeft', 'row-12');
  assert.equal(await row(page, '12').getAttribute('aria-expanded'), 'false');
  await press('ArrowDown', 'row-13');
  await press('ArrowUp', 'row-12');
  await press('ArrowRight', 'row-12');
  await press('ArrowRight', 'row-12.1');
  await press('Home', 'row-');
  await press('ArrowUp', 'row-');
  await press('PageDown', 'row-14');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.detail:focus').count(), 1);
  await page.keyboard.press('Tab');
  assert.equal(await page.locator('button:focus').innerText(), 'Fork here…');
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await shows(page.locator('[role=tab][aria-selected=true]'), 'Overview');
});

panel('the raw JSON can be copied and opened, a diff too', runs.succeeded, async ({ page, asked }) => {
  await row(page, '6').click();
  await page.getByText('Raw JSON').locator('visible=true').click();
  await page.getByRole('button', { name: 'Copy JSON' }).locator('visible=true').click();
  await page.getByRole('button', { name: 'Open in editor' }).locator('visible=true').click();
  await row(page, '11').click();
  await tab(page, 'Overview').click();
  await page.getByRole('button', { name: 'src/till.ts' }).click();
  assert.match(asked[0] ?? '', /^copy \{\n {2}"content": \[/);
  assert.equal(asked[1], asked[0]?.replace('copy', 'open'));
  assert.equal(asked[2], 'diff src/till.ts 11');
});

panel(
  'a live run grows, streams, and ends',
  () => runs.running(Date.now()),
  async ({ page }, run) => {
    assert.deepEqual(await buttons(page), ['Stop', 'Pause', 'Export']);
    await row(page, '10').click();
    await shows(output(page), 'the function returns the plain sum. I will');
    const before = await row(page, '10').locator('.duration').innerText();
    await changes(row(page, '10').locator('.duration'), before);
    run.append({ type: 'step.output', step: '10', text: 'multiply it.' });
    await shows(output(page), 'I will multiply it.');
    run.finish('10', 2000, { role: 'assistant', content: [{ type: 'text', text: 'I multiplied it.' }] });
    await shows(output(page), 'I multiplied it.');
    run.begin('11', 'tool', 'files_list', {});
    await row(page, '11').waitFor();
    run.live = false;
    run.finish('11', 10, {}).append({ type: 'run.finished', outcome: 'succeeded' });
    await shows(page.getByRole('status'), 'Run: Succeeded after 11 steps');
    await page.getByRole('button', { name: 'Rerun' }).waitFor(); // The header is drawn with the next frame.
    assert.deepEqual(await buttons(page), ['Replay', 'Rerun', 'Export']);
  },
);

panel(
  '200 events in one moment arrive in a few messages, none lost',
  () => runs.running(Date.now()),
  async ({ page, posted }, run) => {
    await row(page, '10').click();
    await shows(output(page), 'I will');
    const before = posted.length;
    for (let n = 0; n < 200; n++) run.append({ type: 'step.output', step: '10', text: `[${String(n)}]` });
    await shows(output(page), '[198][199]');
    assert.match(await output(page).innerText(), /I will \[0\]\[1\]\[2\].*\[199\]$/s);
    assert.ok(posted.length - before < 10, `${String(posted.length - before)} messages`);
  },
);

panel(
  'a paused run says why and what to do, and resumes',
  runs.paused,
  async ({ page, asked }) => {
    await shows(
      page.locator('.banners'),
      'The Docker engine stopped answering',
      'Start Docker, then resume',
      'docker-unavailable',
    );
    assert.deepEqual(await buttons(page), ['Resume', 'Export']);
    await page.getByRole('button', { name: 'Resume' }).click();
    await shows(page.locator('.banners'), 'Docker is still away.');
    assert.deepEqual(asked, ['resume r-0001mb3kq7xw2d5f']);
    assert.equal(await page.getByRole('button', { name: 'Resume' }).isEnabled(), true);
  },
  { act: () => Promise.reject(new Error('Docker is still away.')) },
);

panel(
  'a run whose process died can be resumed',
  () => runs.begun(),
  async ({ page }) => {
    await shows(page.locator('header'), 'Interrupted');
    await shows(page.locator('.banners'), 'finished steps are not executed again');
    assert.deepEqual(await buttons(page), ['Resume', 'Export']);
  },
);

panel('a failed run shows its error at the run and at the step', runs.failed, async ({ page }) => {
  await shows(page.locator('.banners'), 'Anthropic refused the key (401).', 'Set a new key');
  await row(page, '10').click();
  await shows(page.locator('.detail-head'), 'Anthropic refused the key (401).');
  assert.match((await row(page, '10').getAttribute('aria-label')) ?? '', /Failed/);
});

panel(
  'a day of standing still takes no room; a cost that is partly unknown says so',
  runs.resumed,
  async ({ page }) => {
    await shows(page.locator('header'), '≥ $0.0256', '19.0 s');
    assert.equal(await page.locator('.pause').getAttribute('title'), 'Stood still for 1 d');
  },
);

panel('a demo is named as one', runs.demo, async ({ page }) => {
  await shows(page.locator('header'), 'strata-demo', 'free (demo)');
});

panel('applied changes are not offered again', runs.succeeded, async ({ page }, run) => {
  await row(page, '1').waitFor();
  run.append({ type: 'run.changes', decision: 'applied', paths: ['src/till.ts'] });
  await shows(page.locator('header'), '2 (applied)');
  assert.deepEqual(await buttons(page), ['Replay', 'Rerun', 'Export']);
});

panel('a step can be opened from outside', runs.succeeded, async ({ page, session }, run) => {
  await row(page, '12').locator('.twistie').click();
  session.show(run.id, '12.2');
  await shows(output(page), 'pass 4');
  assert.equal(await active(page), 'row-12.2');
});

panel(
  'no such run',
  () => runs.begun().clear(),
  async ({ page }) => {
    await shows(page.locator('main'), 'is not in this workspace', 'pick a run from the Strata view');
  },
);

panel(
  'a lost blob is an error at its place',
  () => runs.succeeded().loseBlobs(),
  async ({ page }) => {
    await row(page, '8').click();
    await shows(output(page), 'There is no blob');
    await tab(page, 'Overview').click();
    await shows(output(page), 'shell_run');
  },
);

panel(
  'the selection and the place survive a reload',
  () => runs.long(400),
  async ({ page }) => {
    await page.getByRole('tree').focus();
    await page.keyboard.press('End');
    await tab(page, 'Overview').click();
    const scrolled = await scrollTop(page);
    await page.reload();
    await row(page, '400').waitFor();
    assert.equal(await active(page), 'row-400');
    assert.equal(await scrollTop(page), scrolled);
    await shows(page.locator('[role=tab][aria-selected=true]'), 'Overview');
  },
);

panel('markup in every field of a run stays text', runs.hostile, async ({ page }) => {
  for (const step of ['', '1', '2', '3', '4']) {
    await row(page, step).click();
    for (const name of ['Input', 'Output', 'Overview']) {
      await tab(page, name).click();
      // The panel draws with the next frame; until then the tab shows the step before.
      await page.evaluate(
        'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
      );
      await page.locator('.body:visible vscode-progress-ring').waitFor({ state: 'detached' });
      for (const details of await page.locator('details:visible > summary').all()) await details.click();
    }
  }
  assert.equal(await page.evaluate('window.hacked'), undefined);
  assert.equal(await page.locator('img, script:not([nonce]), a[href], [onload], [onerror]').count(), 0);
});

panel(
  '10,000 steps need few lines on the page',
  () => runs.long(10_000),
  async ({ page }) => {
    const lines = page.getByRole('treeitem');
    await row(page, '1').waitFor();
    assert.ok((await lines.count()) < 60);
    await page.getByRole('tree').focus();
    await page.keyboard.press('End');
    await row(page, '10000').waitFor();
    await shows(output(page), 'Output of step 10000');
    await page.evaluate(`document.querySelector('.rows').scrollTop = 100000`);
    await row(page, '3850').waitFor();
    assert.ok((await lines.count()) < 60);
    assert.equal(await row(page, '10000').count(), 1, 'the active line stays for screen readers');
  },
);

for (const theme of [dark, light, highContrast]) {
  for (const [name, make] of Object.entries({
    succeeded: runs.succeeded,
    paused: runs.paused,
    failed: runs.failed,
  })) {
    panel(
      `axe finds nothing: ${theme.name}, ${name}`,
      make,
      async ({ page }) => {
        for (const [step, tabName] of [
          ['', 'Overview'],
          ['5', 'Input'],
          ['8', 'Output'],
        ] as const) {
          await row(page, step).click();
          await tab(page, tabName).click();
          await page.locator('.body:visible > *').first().waitFor();
          assert.deepEqual(await accessibilityProblems(page), []);
        }
      },
      { theme },
    );
  }
}

for (const [name, size] of Object.entries({ 'a narrow panel': { width: 320 }, '200 % zoom': { zoom: 2 } })) {
  panel(
    `nothing is cut off: ${name}`,
    runs.succeeded,
    async ({ page }) => {
      await row(page, '5').click();
      const [inner, outer] = await page.evaluate<[number, number]>(
        '[document.documentElement.scrollWidth, innerWidth]',
      );
      assert.ok(inner <= outer, `${String(inner)} > ${String(outer)}`);
      await tab(page, 'Overview').click();
      await shows(output(page), 'Reads only');
    },
    size,
  );
}

test('the bundle stays under 300 KB', (t) => {
  if (!bench) {
    t.skip('needs Chromium: none is on the PATH');
    return;
  }
  assert.ok(bench.bytes < 300_000, String(bench.bytes));
});
