import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { startModelServer } from '../../support/model-server/index.ts';
import type { Script } from '../../support/model-server/index.ts';
import { partsOf, startSession } from './page/session.ts';

/** A window and its extension host on a busy machine. */
const openLimitMs = 120_000;
const runLimitMs = 60_000;
const retryAfterSeconds = 60;
/** Dollars for a million tokens, so that a call of a run comes to $0.42 and a test to $0.40. */
const price = { input: 20, output: 20 };
const usage = { run: { input: 20_000, output: 1_000 }, test: { input: 20_000, output: 0 } };

/** A run's answer takes long enough to be looked at. */
const answering: Script = ({ messages }) => {
  const isTest = /nothing else/.test(JSON.stringify(messages));
  if (isTest) return { text: 'yes', usage: usage.test };
  return { text: 'All is well.', usage: usage.run, wire: { pieceLength: 4, delayMs: 500 } };
};

test('a person sees a cooldown as it happens, tests deployments, and is told of a budget that is nearly spent', async (t) => {
  const source = await mkdtemp(path.join(tmpdir(), 'strata-models-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  const busy = await startModelServer((request, call) =>
    call === 1
      ? { fault: 'status', status: 429, headers: { 'retry-after': String(retryAfterSeconds) } }
      : answering(request, call),
  );
  t.after(() => busy.close());
  const spare = await startModelServer(answering);
  t.after(() => spare.close());

  const at = (model: string, url: string) => ({ provider: 'openai', model, baseUrl: `${url}/v1`, price });
  const unknown = {
    ...{ provider: 'openai', model: 'gpt-5', keyName: 'work', baseUrl: 'https://models.example.com/v1' },
  };
  const config = {
    routes: {
      code: [at('gpt-5', busy.url), at('gpt-5-mini', spare.url)],
      fast: { strategy: 'least-busy', deployments: [at('gpt-5-mini', spare.url)] },
      reasoning: [unknown, 'demo/demo'],
      'long-context': ['demo/demo'],
    },
    budgets: { day: { usd: 1 }, agents: { teller: { usd: 20 } } },
  };
  await mkdir(path.join(source, '.strata', 'agents'), { recursive: true });
  await writeFile(path.join(source, '.strata', 'models.jsonc'), `${JSON.stringify(config, undefined, 2)}\n`);
  await writeFile(
    path.join(source, '.strata', 'agents', 'teller.agent.md'),
    '---\nname: teller\ndescription: Tells how things are\nroute: code\ntools: []\nmemory: false\n---\nYou tell.\n',
  );
  // Nothing here calls a tool, so no container need start.
  const off = { enabled: false };
  const servers = { files: off, shell: off, code: off, git: off, web: off };
  await writeFile(path.join(source, '.strata', 'tools.jsonc'), JSON.stringify({ servers }));
  const session = await startSession({ workspace: source, settings: { 'strata.tools.warm': false } });
  t.after(session.close);
  const bench = await session.open();
  const { page } = bench;
  const sidebar = page.locator('.part.sidebar');
  const labelled = (start: string): Locator =>
    sidebar.locator(`[role="treeitem"][aria-label^=${JSON.stringify(start)}]`);
  const cost = page.locator('.part.statusbar [id="strata.strata.strata.cost"]');
  const run = async (): Promise<void> => {
    await bench.runCommandAndPick('Strata: Run Agent…', 'teller');
    await bench.answer('Say how things are');
  };
  const finished = bench.notification('The run has finished.');

  const part = partsOf(t, bench);

  await part('the view shows the routes, and what serves them', async () => {
    await bench.setTheme('dark');
    await bench.runCommand('Strata: Focus on Models View');
    await labelled('route code, ordered, next call: gpt-5').waitFor({ timeout: openLimitMs });
    await bench.giveRoomTo('Models');
    await bench.expand(labelled('route code'));
    await labelled('deployment openai/gpt-5, not called yet · 127.0.0.1:').waitFor();
    await bench.expand(labelled('route reasoning'));
    await labelled('deployment openai/gpt-5, no key · models.example.com').waitFor();
    await labelled('budget all folders, today, $0.00 of $1.00 · 0 %').waitFor();
    await bench.screenshot('models-view-dark');
  });

  await part('a deployment that answers 429 cools down, and its row counts the seconds', async () => {
    await run();
    const cooling = sidebar.locator(
      '[role="treeitem"][aria-label^="deployment openai/gpt-5,"][aria-label*="cools down for"]',
    );
    await cooling.waitFor({ timeout: runLimitMs });
    assert.match(
      (await labelled('route code').getAttribute('aria-label')) ?? '',
      /next call: gpt-5-mini, since gpt-5 cools down/,
    );
    const seconds = async (): Promise<number> =>
      Number(/for (\d+) s after rate-limit 429/.exec((await cooling.getAttribute('aria-label')) ?? '')?.[1]);
    const first = await seconds();
    assert.ok(first <= retryAfterSeconds, String(first));
    await cost.getByText('teller').waitFor();
    await bench.screenshot('models-running-dark');
    await cooling.and(page.locator(`:not([aria-label*="for ${first} s"])`)).waitFor();
    assert.ok((await seconds()) < first);
    await finished.waitFor({ timeout: runLimitMs });
    await cost.getByText('$0.42 today').waitFor();
    await bench.screenshot('models-cooldown-dark');
  });

  await part('a test of it says how it answered, and ends its cooldown', async () => {
    await bench.dismissNotifications();
    const row = labelled('deployment openai/gpt-5, cools down');
    await row.hover();
    await row.getByRole('button', { name: 'Test Model Deployment' }).click();
    await bench.notification(/openai\/gpt-5 answered.*to its first token, it cost \$0\.40/).waitFor();
    await labelled('deployment openai/gpt-5, cools down').waitFor({ state: 'hidden' });
    await sidebar.locator('[role="treeitem"][aria-label="route code, ordered, next call: gpt-5"]').waitFor();
  });

  await part('at 80 % of a budget the person is told, and the status bar warns', async () => {
    await bench.notification(/\$0\.82 of .*\$1\.00/).waitFor();
    await labelled('budget all folders, today, $0.82 of $1.00 · 82 %').waitFor();
    await cost.getByText('$0.82 today').waitFor();
    await bench.screenshot('models-budget-dark');
    await cost.hover();
    await page.locator('.monaco-hover').getByText('Cost of Strata').waitFor();
    await bench.screenshot('models-cost-dark');
    await bench.dismissNotifications();
  });

  await part('one that cannot be asked says why, and what to do', async () => {
    await bench.runCommand('Strata: Test Model Deployment…');
    const row = page
      .locator('.quick-input-widget .monaco-list-row')
      .filter({ hasText: 'models.example.com' });
    await row.waitFor();
    await bench.screenshot('models-pick-dark');
    await row.click();
    const told = bench.notification(/openai\/gpt-5 did not answer/);
    await told.getByText(/no key/i).waitFor();
    await bench.screenshot('models-no-key-dark');
    await told.getByRole('button', { name: 'Set API Key' }).click();
    await page.getByText('API key for work@https://models.example.com').waitFor();
    await page.keyboard.press('Escape');
    await bench.dismissNotifications();
  });

  await part('a budget that is spent pauses the next run', async () => {
    await run();
    await finished.waitFor({ timeout: runLimitMs });
    await bench.dismissNotifications();
    await run();
    const paused = bench.notification(/The run is paused\. The budget of today is spent: \$1\.24 of \$1\.00/);
    await paused
      .getByRole('button', { name: 'Allow as Much Again and Resume' })
      .waitFor({ timeout: runLimitMs });
    await labelled('budget all folders, today, $1.24 of $1.00 · 124 %').waitFor();
    await bench.screenshot('models-paused-dark');
  });

  await part(
    'a window that is opened later shows the cost, and offers to go on with as much again',
    async () => {
      await bench.runCommand('Developer: Reload Window');
      const paused = bench.notification(
        /A run is paused: “Say how things are”\. The budget of today is spent/,
      );
      await paused
        .getByRole('button', { name: 'Allow as Much Again and Resume' })
        .click({ timeout: openLimitMs });
      await cost.getByText('teller').or(cost.getByText('$1.66 today')).first().waitFor();
      await finished.waitFor({ timeout: runLimitMs });
      await labelled('budget all folders, today, $1.66 of $2.00 · 83 %').waitFor();
      await cost.getByText('$1.66 today').waitFor();
    },
  );

  await part('the view reads well in the light theme', async () => {
    await bench.dismissNotifications();
    await bench.setTheme('light');
    await labelled('budget all folders').click();
    await bench.screenshot('models-view-light');
  });

  await part('a mistake in the file is a row that leads to its place', async () => {
    const file = path.join(session.workspace, '.strata', 'models.jsonc');
    await writeFile(file, '{\n  "routes": { "code": ["gpt-5"] }\n}\n');
    const mistake = bench.treeItem(/models\.jsonc:2/);
    await mistake.waitFor();
    await mistake.click();
    await page.getByRole('tab', { name: /models\.jsonc/ }).waitFor();
    await bench.screenshot('models-mistake-light');
  });

  await part('no error went uncaught', async () => {
    assert.deepEqual(bench.errors, []);
  });
});
