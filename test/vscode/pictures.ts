import { cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDemoProvider } from '../../extension/src/core/models/demo/demo-provider.ts';
import { folderHome } from '../../extension/src/node/home.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import { projectRoot } from '../../scripts/editor/index.ts';
import { keepManyRuns } from '../bench/traces/many-runs.ts';
import { servingProvider, startModelServer } from '../support/model-server/index.ts';
import type { Script } from '../support/model-server/index.ts';
import { startSession } from './workbench/page/session.ts';
import type { Workbench } from './workbench/page/workbench.ts';

/**
 * Takes the pictures of the README anew: the demo model works on the sample workspace in a real window, and what a person would
 * see is saved in `docs/images`. Needs Docker and a build (`npm run pictures`).
 */

const images = path.join(projectRoot, 'docs', 'images');
const runLimitMs = 240_000;
const HOUR_MS = 3_600_000;
const task = 'A test of the discounts fails. Find the mistake, fix it, and show that the tests pass.';
const workflow = `description: Look, mend and review.
nodes:
  explore:
    agent: explorer
    task: 'Where is this decided, and by which functions? {{task}}'
  mend: { agent: coder, task: '{{task}}' }
  review:
    agent: reviewer
    task: 'The task was: {{task}} This was done: {{mend.answer}}'
  sum:
    agent: explorer
    task: 'Where is what was changed here? {{mend.answer}}'
edges:
  - explore -> mend -> review
  - { from: review, to: mend, when: review.answer contains "REWRITE", limit: 2 }
  - { from: review, to: sum, when: else }
`;

const auditor = `---
name: auditor
description: Looks for what could go wrong
route: reasoning
tools: [memory_search, files_search, files_read]
---
You look for what could go wrong and change nothing.
`;
const question = 'Where could a price be rounded twice?';
const alerts = {
  'An audit is expensive': {
    ...{ measure: 'run-cost', only: { agent: 'auditor' } },
    ...{ warn: 0.01, alert: 0.02, do: ['notify', 'pause'] },
  },
};

async function takeAll(bench: Workbench, keepHistory: () => Promise<void>): Promise<void> {
  const panel = bench.webview('panel');
  const header = panel.locator('header');
  const begin = async (program: string, about: string): Promise<void> => {
    await bench.runCommandAndPick('Strata: Run Agent…', program);
    await bench.answer(about);
    await bench.openContainer('Strata');
    await bench.treeItem(about.slice(0, 20)).first().click();
    await header.getByText('Succeeded').waitFor({ timeout: runLimitMs });
  };
  await bench.setTheme('dark');

  await begin('coder', task);
  await bench.dismissNotifications();
  await bench.giveRoomTo('Runs');
  await bench.expand(bench.treeItem(task.slice(0, 20)).first());
  await panel
    .getByRole('treeitem', { name: /shell_run/ })
    .last()
    .click();
  await panel.getByRole('tab', { name: 'Output' }).click();
  await panel
    .getByText(/pass 16/)
    .first()
    .waitFor();
  await take(bench, 'trace-dark');

  const slider = panel.getByRole('slider', { name: 'Replay position' });
  await panel.getByRole('treeitem', { name: /files_edit/ }).click();
  await slider.fill(String(Math.round(Number(await slider.getAttribute('max')) * 0.82)));
  await panel
    .getByText(/of \d+ steps/)
    .first()
    .waitFor();
  await panel.getByRole('tab', { name: 'Input' }).click();
  await take(bench, 'replay-dark');

  await begin('careful', 'The rates of the discounts begin one piece too late.');
  await bench.dismissNotifications();
  await panel.getByRole('button', { name: 'Graph', exact: true }).click();
  await panel.getByRole('button', { name: /^review / }).click();
  await panel.getByRole('tab', { name: 'Output' }).click();
  await take(bench, 'workflow-dark');

  await bench.runCommandAndPick('Strata: Run Agent…', 'auditor');
  await bench.answer(question);
  await bench.openContainer('Strata');
  await bench.treeItem(question.slice(0, 20)).first().click();
  await bench.notification(/An audit is expensive .* The run was paused\./).waitFor({ timeout: runLimitMs });
  await header.getByText('Paused').waitFor();
  await bench.expand(bench.treeItem(question.slice(0, 20)).first());
  const alertsHeader = bench.page.locator('.part.sidebar .pane-header[aria-label^="Alerts"]');
  if ((await alertsHeader.getAttribute('aria-expanded')) === 'false') await alertsHeader.click();
  await bench.treeItem('An audit is expensive').waitFor();
  await panel
    .getByRole('treeitem', { name: /files_read/ })
    .last()
    .click();
  await panel.getByRole('tab', { name: 'Output' }).click();
  await take(bench, 'alert-dark');
  await bench.dismissNotifications();

  // Only now, so that the list of runs beside the others is of what was run.
  await keepHistory();
  await bench.runCommand('Strata: Show Metrics');
  await panel.getByRole('slider', { name: 'Runs over time' }).waitFor();
  await take(bench, 'metrics-dark');
}

async function take({ page }: Workbench, name: string): Promise<void> {
  // Nothing under the pointer, and the frame that was asked for is painted.
  await page.mouse.move(720, 890);
  await page.waitForTimeout(1_500);
  const file = path.join(images, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(`${path.relative(projectRoot, file)}: ${Math.round((await stat(file)).size / 1024)} KB`);
}

const source = await mkdtemp(path.join(tmpdir(), 'strata-pictures-'));
const undo: (() => Promise<void>)[] = [async () => await rm(source, { recursive: true, force: true })];
try {
  const server = await startModelServer(withSlowAuditor(servingProvider(createDemoProvider())));
  undo.push(async () => await server.close());
  await cp(path.join(projectRoot, 'examples', 'sample-workspace'), source, { recursive: true });
  await mkdir(path.join(source, '.strata', 'workflows'), { recursive: true });
  const price = { input: 3, output: 15 };
  const code = [{ provider: 'openai', model: 'strata-demo', baseUrl: `${server.url}/v1`, price }];
  const reasoning = code.map((target) => ({ ...target, price: { input: 15, output: 75 } }));
  await writeFile(
    path.join(source, '.strata', 'models.jsonc'),
    JSON.stringify({ routes: { code, reasoning, fast: code, 'long-context': code } }),
  );
  await mkdir(path.join(source, '.strata', 'agents'), { recursive: true });
  await writeFile(path.join(source, '.strata', 'agents', 'auditor.agent.md'), auditor);
  await writeFile(path.join(source, '.strata', 'workflows', 'careful.workflow.yaml'), workflow);
  const session = await startSession({
    workspace: source,
    settings: { 'strata.tools.warm': false, 'strata.observability.alerts': alerts },
  });
  undo.push(session.close);
  await takeAll(await session.open(), () => historyIn(session.home, session.workspace));
} finally {
  for (const step of undo.reverse()) await step();
}

/** The demo model answers at once, and a run that is over can no longer be paused. */
function withSlowAuditor(script: Script): Script {
  return async (request, call) => {
    const reply = await script(request, call);
    const isAuditor = request.messages.some(
      (message) => message.role === 'system' && message.text.includes('what could go wrong'),
    );
    return isAuditor && !('fault' in reply) ? { ...reply, wire: { delayMs: 150 } } : reply;
  };
}

/** Runs of weeks, which metrics are of. */
async function historyIn(home: string, workspace: string): Promise<void> {
  const storage = folderHome(home, workspace);
  await mkdir(storage, { recursive: true });
  const store = openRunStore(path.join(storage, 'runs.db'), Date.now);
  try {
    keepManyRuns(store, 300, Date.now() - 301 * 2 * HOUR_MS, 2 * HOUR_MS);
  } finally {
    store.dispose();
  }
}
