import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { leaveOpenRequest, node24, projectRoot, startForUser } from '../../../scripts/editor/index.ts';
import { launchChromium } from '../harness/chromium.ts';
import { Workbench } from './page/workbench.ts';

const task = 'How are totals computed?';

/** What `npm start` does after its set-up: a run in the terminal, then VS Code, which was asked to show it. */
async function startAfterRun(t: TestContext, trusted: boolean): Promise<Workbench> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'strata-first-'));
  const undo = [async () => await rm(scratch, { recursive: true, force: true, maxRetries: 5 })];
  t.after(async () => {
    // The folder goes when nothing writes into it any more.
    for (const step of undo.toReversed()) await step();
  });
  const [folder, strata, idFile] = ['workspace', 'strata', 'run'].map((name) => path.join(scratch, name));
  assert.ok(folder !== undefined && strata !== undefined && idFile !== undefined);
  await cp(path.join(projectRoot, 'examples', 'sample-workspace'), folder, { recursive: true });

  const env = { STRATA_HOME: strata, STRATA_RUN_ID_FILE: idFile, TMPDIR: scratch };
  const cli = [path.join(projectRoot, 'dist', 'cli.cjs'), 'run', 'explorer', task, '--workspace', folder];
  await promisify(execFile)(node24(), cli, { env: { ...process.env, ...env }, timeout: 60_000 });
  const run = (await readFile(idFile, 'utf8')).trim();
  await leaveOpenRequest(strata, { folder, run });

  const vsix = process.env['STRATA_TEST_VSIX'];
  const editor = await startForUser({
    ...{ folder, trusted, env, home: path.join(scratch, 'vscode'), print: () => undefined },
    ...(vsix === undefined ? {} : { vsix }),
  });
  undo.push(editor.stop);
  const browser = await launchChromium();
  undo.push(async () => await browser.close());
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  return await Workbench.open(await context.newPage(), editor.url);
}

async function showsTheRun(bench: Workbench): Promise<void> {
  const panel = bench.webview('panel');
  await panel.getByRole('heading', { name: task }).waitFor();
  await panel.getByRole('treeitem', { name: /memory_search/ }).waitFor();
  await bench.treeItem(task).waitFor();
  assert.equal(await bench.page.locator('.monaco-dialog-box').count(), 0);
  assert.equal(await bench.page.getByRole('tab').filter({ hasText: 'Welcome' }).count(), 0);
}

const restricted = (bench: Workbench) => bench.page.getByRole('button', { name: /^Restricted Mode/ });

test('npm start: the sample opens with the trace of its run, and nothing in the way', async (t) => {
  const bench = await startAfterRun(t, true);
  await showsTheRun(bench);
  assert.equal(await restricted(bench).count(), 0);
});

test("npm start: the user's own folder shows the trace, and runs nothing until it is trusted", async (t) => {
  const bench = await startAfterRun(t, false);
  await showsTheRun(bench);
  await restricted(bench).first().waitFor();
  await bench.runCommand('Strata: Run Agent…');
  await bench.notification('This folder is not trusted').waitFor();
});
