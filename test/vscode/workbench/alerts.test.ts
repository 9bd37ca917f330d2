import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startModelServer } from '../../support/model-server/index.ts';
import { partsOf, startSession } from './page/session.ts';

/** A window, its extension host and a run on a busy machine. */
const limitMs = 120_000;
/** Dollars for a million tokens, so that each call comes to $0.42. */
const price = { input: 20, output: 20 };
const usage = { input: 20_000, output: 1_000 };

const rule = (agent: string, more: object) => ({ measure: 'run-cost', only: { agent }, alert: 0.8, ...more });
const alerts = {
  'Teller is expensive': rule('teller', { warn: 0.4, do: ['notify', 'pause'] }),
  'Walker goes too far': rule('walker', { alert: 0.4, do: ['notify', 'stop'] }),
  // From one time to the same is the whole day.
  'Whispers at night': rule('whisperer', { alert: 0.4, quiet: [{ from: '00:00', to: '00:00' }] }),
};

test('a person is warned of runs while they go on, which are paused and stopped by rules', async (t) => {
  const source = await mkdtemp(path.join(tmpdir(), 'strata-alerts-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  // An agent that never ends by itself, and takes seconds for each of its calls.
  const model = await startModelServer((_, call) => ({
    ...{ text: 'I look at it once more.', usage, wire: { pieceLength: 4, delayMs: 400 } },
    toolCalls: [{ name: 'memory_search', arguments: { query: `word${call}` } }],
  }));
  t.after(() => model.close());

  const code = [{ provider: 'openai', model: 'gpt-5', baseUrl: `${model.url}/v1`, price }];
  await mkdir(path.join(source, '.strata', 'agents'), { recursive: true });
  await writeFile(path.join(source, '.strata', 'models.jsonc'), JSON.stringify({ routes: { code } }));
  for (const name of ['teller', 'walker', 'whisperer'])
    await writeFile(
      path.join(source, '.strata', 'agents', `${name}.agent.md`),
      `---\nname: ${name}\ndescription: ${name} of the test\nroute: code\ntools: [memory_search]\n---\nYou look.\n`,
    );
  // Nothing here calls a tool of a server, so no container need start.
  const off = { enabled: false };
  const servers = { files: off, shell: off, code: off, git: off, web: off };
  await writeFile(path.join(source, '.strata', 'tools.jsonc'), JSON.stringify({ servers }));
  const session = await startSession({
    workspace: source,
    settings: { 'strata.tools.warm': false, 'strata.observability.alerts': alerts },
  });
  t.after(session.close);
  const bench = await session.open();
  const { page } = bench;
  const item = page.locator('.part.statusbar [id="strata.strata.strata.alerts"]');
  const row = (name: string) =>
    page.locator(`.part.sidebar [role="treeitem"][aria-label^=${JSON.stringify(name)}]`);
  const start = async (agent: string): Promise<void> => {
    await bench.runCommandAndPick('Strata: Run Agent…', agent);
    await bench.answer(`Task of the ${agent}`);
  };
  const part = partsOf(t, bench);

  await bench.setTheme('dark');
  await part('a run that costs too much warns, then is paused, and both are told', async () => {
    await bench.openContainer('Strata');
    await start('teller');
    await bench.notification(/Teller is expensive .*warning from \$0\.40/).waitFor({ timeout: limitMs });
    const paused = bench.notification(/Teller is expensive .*alert from \$0\.80\. The run was paused\./);
    await paused.waitFor({ timeout: limitMs });
    await bench.treeItem('Task of the teller').and(row('paused: ')).waitFor({ timeout: limitMs });
    await row('alert: Teller is expensive').waitFor();
    await item.getByText('1 alert').waitFor();
    await bench.screenshot('alert-paused-dark');
    await paused.getByRole('button', { name: 'Open Trace' }).click();
    await bench.webview('panel').getByRole('heading', { name: 'Task of the teller' }).waitFor();
    await bench
      .webview('panel')
      .getByText(/An alert paused it\. Teller is expensive/)
      .first()
      .waitFor();
  });

  await part('a rule that stops does so while the run goes on, and its row leads to the run', async () => {
    await bench.dismissNotifications();
    await start('walker');
    await bench.notification(/Walker goes too far .* The run was stopped\./).waitFor({ timeout: limitMs });
    await bench.treeItem('Task of the walker').and(row('stopped: ')).waitFor({ timeout: limitMs });
    await item.getByText('2 alerts').waitFor();
    await row('alert: Walker goes too far').click();
    await bench.webview('panel').getByRole('heading', { name: 'Task of the walker' }).waitFor();
  });

  await part('in quiet times nobody is told, and it is seen', async () => {
    await bench.dismissNotifications();
    await start('whisperer');
    await row('alert: Whispers at night').waitFor({ timeout: limitMs });
    await item.getByText('3 alerts').waitFor();
    assert.equal(await bench.notification(/Whispers at night/).count(), 0);
  });

  await part('the status bar lists all, and leads to the run of one, which is stopped by hand', async () => {
    await item.click();
    const labels = (await bench.pickLabels()).map((label) => label.split(',')[0] ?? '');
    assert.deepEqual(
      labels.map((label) => label.replace(/^error\s+/, '')).sort(),
      Object.keys(alerts).sort(),
    );
    await bench.screenshot('alerts-listed-dark');
    await page
      .locator('.quick-input-widget .monaco-list-row')
      .filter({ hasText: 'Whispers at night' })
      .first()
      .click();
    await bench.webview('panel').getByRole('heading', { name: 'Task of the whisperer' }).waitFor();
    await bench.webview('panel').getByRole('button', { name: 'Stop' }).click();
    await bench.treeItem('Task of the whisperer').and(row('stopped: ')).waitFor({ timeout: limitMs });
    assert.deepEqual(bench.errors, []);
  });
});
