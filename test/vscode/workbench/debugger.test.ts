import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { keepRuns } from '../../support/keep-runs.ts';
import { plannedRun } from '../../support/walked-runs.ts';
import { partsOf, startSession } from './page/session.ts';
import type { Workbench } from './page/workbench.ts';

const workspace = path.join(projectRoot, 'examples', 'sample-workspace');

test('a person walks a recorded run in the debugger, forward and backward', async (t) => {
  const home = await mkdtemp(path.join(tmpdir(), 'strata-debugger-'));
  t.after(async () => await rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const session = await startSession({ workspace, env: { STRATA_HOME: home } });
  t.after(session.close);
  keepRuns(plannedRun(), home, session.workspace);
  const bench = await session.open();

  const part = partsOf(t, bench);

  await part('the runs view opens a run in the debugger', async () => {
    await bench.setTheme('dark');
    await bench.openContainer('Strata');
    await bench
      .treeItem(/Apply the discount/)
      .first()
      .click({ button: 'right' });
    await bench.chooseFromMenu('Walk Run in Debugger');
    await highlights(bench, /^1 Recall episodes/);
  });

  await part('step over and step into a sub-agent move the highlighted line', async () => {
    await press(bench, 'Step Over');
    await highlights(bench, /^2 Model call/);
    await press(bench, 'Step Over');
    await highlights(bench, /^3 Sub-agent coder/);
    await press(bench, 'Step Into');
    await highlights(bench, /^1 Model call/);
    await press(bench, 'Step Over');
    await highlights(bench, /^2 files_edit/);
  });

  await part('the call stack holds the agents', async () => {
    const rows = bench.page.locator('.part.sidebar').getByRole('row');
    for (const frame of ['coder · 2 files_edit', 'planner · 3 Sub-agent coder']) {
      await rows.filter({ hasText: frame }).first().waitFor();
    }
  });

  await part('the variables hold what the tool was given', async () => {
    await bench
      .treeItem(/path.*src\/till\.ts/)
      .first()
      .waitFor();
  });

  for (const theme of ['light', 'dark'] as const) {
    await part(`it reads well in the ${theme} theme`, async () => {
      await bench.setTheme(theme);
      await bench.dismissNotifications();
      await bench.screenshot(`debugger-${theme}`);
    });
  }

  await part('step back moves the highlighted line up, and out of the sub-agent', async () => {
    await press(bench, 'Step Back');
    await highlights(bench, /^1 Model call/);
    await press(bench, 'Step Back');
    await highlights(bench, /^3 Sub-agent coder/);
  });

  await part('it goes on to what failed, and says why', async () => {
    await press(bench, 'Continue');
    await highlights(bench, /^1 Model call review · failed/);
    await bench.page.getByText('Anthropic refused the key (401).').first().waitFor();
    await bench.screenshot('debugger-failed');
  });

  await part('reverse leads back to the first step', async () => {
    await press(bench, 'Reverse');
    await highlights(bench, /^1 Recall episodes/);
    await bench
      .treeItem(/^task =.*Apply the discount/)
      .first()
      .waitFor();
    await bench.screenshot('debugger-start');
  });

  await part('no error was shown, and none went uncaught in the workbench', async () => {
    assert.equal(await bench.notification(/./).count(), 0);
    assert.deepEqual(bench.errors, []);
  });
});

async function press({ page }: Workbench, label: string): Promise<void> {
  await page.locator(`.debug-toolbar a.action-label[aria-label^="${label}"]`).click();
}

/** The line that the debugger stands at becomes one with this text. */
async function highlights({ page }: Workbench, text: RegExp): Promise<void> {
  let seen = '';
  for (let tries = 0; tries < 100; tries += 1) {
    seen = String(await page.evaluate(HIGHLIGHTED));
    if (text.test(seen)) return;
    await page.waitForTimeout(100);
  }
  assert.match(seen, text);
}

/** The editor draws the highlight in a layer of its own: the line is the one at the same height. */
const HIGHLIGHTED = `(() => {
  const mark = document.querySelector('.monaco-editor .debug-top-stack-frame-line');
  const height = mark?.getBoundingClientRect().top;
  const lines = [...(mark?.closest('.monaco-editor').querySelectorAll('.view-line') ?? [])];
  const line = lines.find((one) => Math.abs(one.getBoundingClientRect().top - height) < 3);
  return (line?.textContent ?? '').replaceAll('\u00a0', ' ').trim();
})()`;
