import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { dockerAnswers, needsDocker } from '../harness/docker.ts';
import { partsOf, startSession } from './page/session.ts';

const runLimitMs = 180_000;
const task = 'Make the failing test pass';

test('a person refuses a call, reloads the window in the middle of a run, and applies what came of it', async (t) => {
  if (!(await dockerAnswers())) {
    t.skip(needsDocker);
    return;
  }
  const source = await mkdtemp(path.join(tmpdir(), 'strata-control-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  await cp(path.join(projectRoot, 'examples', 'sample-workspace'), source, { recursive: true });
  await mkdir(path.join(source, '.strata'));
  await writeFile(path.join(source, '.strata', 'tools.jsonc'), '{ "approval": { "shell_run": "ask" } }\n');
  const session = await startSession({ workspace: source });
  t.after(session.close);
  const bench = await session.open();
  const panel = bench.webview('panel');
  const asked = bench.notification(/An agent wants to call shell_run/);
  const start = async (): Promise<void> => {
    await bench.runCommandAndPick('Strata: Run Agent…', 'coder');
    await bench.answer(task);
  };
  const part = partsOf(t, bench);

  await part('a refused call does not happen, and the agent says so', async () => {
    await start();
    await asked.getByRole('button', { name: 'Refuse' }).click({ timeout: runLimitMs });
    await bench.answer('Not now');
    await bench.notification('The run has finished.').waitFor({ timeout: runLimitMs });
    await bench.openContainer('Strata');
    await bench.treeItem(task).first().click();
    const approval = panel.getByRole('treeitem', { name: /Approval/ });
    await approval.first().click();
    await panel.getByRole('tab', { name: 'Output' }).click();
    await panel.getByText('Allowed').first().waitFor();
    await bench.dismissNotifications();
  });

  await part('a second window on the folder watches the run, and says who works on it', async () => {
    await start();
    await asked.waitFor({ timeout: runLimitMs });
    const second = await session.open();
    await second.openContainer('Strata');
    await second.treeItem(task).and(second.page.locator('[aria-label^="running: "]')).waitFor();
    await second.runCommand('Strata: Stop Run');
    await second.pick(task);
    await second.notification('Another window or terminal works on this run. Stop it there.').waitFor();
    assert.deepEqual(second.errors, []);
    await second.close();
  });

  await part('a window that is reloaded while a run waits offers to go on with it', async () => {
    await bench.runCommand('Developer: Reload Window');
    const cutOff = bench.notification(/A run was cut off/);
    await cutOff.getByRole('button', { name: 'Resume' }).click({ timeout: runLimitMs });
    await asked.getByRole('button', { name: 'Allow' }).click({ timeout: runLimitMs });
  });

  await part(
    'the resumed run ends as it would have, and its changes are applied from the message',
    async () => {
      const finished = bench.notification('It changed 1 file.');
      for (;;) {
        // It runs the tests once more after its change, and asks again.
        const allow = asked.getByRole('button', { name: 'Allow' });
        await allow.or(finished).first().waitFor({ timeout: runLimitMs });
        if (await finished.isVisible()) break;
        await allow.first().click();
      }
      await finished.getByRole('button', { name: 'Apply Changes' }).click();
      await bench.notification('Applied 1 file.').waitFor();
      const changed = await readFile(path.join(session.workspace, 'src', 'discounts.js'), 'utf8');
      assert.match(changed, /quantity >= from/);
    },
  );

  await part('no error went uncaught', async () => {
    assert.deepEqual(bench.errors, []);
  });
});
