import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openRunStore } from '../../../extension/src/node/sqlite/index.ts';
import { node24, projectRoot } from '../../../scripts/editor/index.ts';
import { keepManyRuns } from '../../bench/traces/many-runs.ts';
import { pictureOnFailure, startSession } from './page/session.ts';

const HOUR = 3_600_000;
const task = 'How are totals computed?';

/** A run of now, and some hundred of the weeks before it. */
async function recordRuns(home: string, workspace: string): Promise<void> {
  const cli = [path.join(projectRoot, 'dist', 'cli.cjs'), 'run', 'explorer', task, '--workspace', workspace];
  const env = { ...process.env, STRATA_HOME: home, STRATA_USER: 'Ada Test' };
  await promisify(execFile)(node24(), cli, { env, timeout: 120_000 });
  const files = await readdir(home, { recursive: true });
  const log = files.find((file) => path.basename(file) === 'runs.db');
  assert.ok(log !== undefined, files.join('\n'));
  const store = openRunStore(path.join(home, log), Date.now);
  keepManyRuns(store, 300, Date.now() - 301 * 2 * HOUR, 2 * HOUR);
  store.dispose();
}

test('a person finds runs among many: by day, by agent, by user, by words, and all of them again', async (t) => {
  const session = await startSession({ workspace: path.join(projectRoot, 'examples', 'sample-workspace') });
  t.after(session.close);
  await recordRuns(session.home, session.workspace);
  const bench = await session.open();
  await pictureOnFailure(t, bench, async () => {
    await bench.openContainer('Strata');
    await bench.giveRoomTo('Runs');
    await bench.treeItem(/^Today/).waitFor();
    await bench.treeItem(task).waitFor();
    await bench.treeItem(/^Yesterday/).waitFor();
    await bench.screenshot('runs-by-day');

    await bench.runCommandAndPick('Strata: Group Runs…', 'By Agent');
    await bench.treeItem(/^explorer/).waitFor();
    await bench.treeItem(/^reviewer/).waitFor();
    await bench.screenshot('runs-by-agent');

    // The runs of the weeks before name nobody.
    await bench.runCommandAndPick('Strata: Filter Runs…', 'User…');
    await bench.pick('Ada Test');
    await bench.treeItem(/^reviewer/).waitFor({ state: 'hidden' });
    await bench
      .treeItem(/^explorer/)
      .getByText('1', { exact: true })
      .waitFor();
    await bench.page.locator('.part.sidebar .pane-header').getByText('of Ada Test').waitFor();
    await bench.screenshot('runs-of-user');
    await bench.runCommandAndPick('Strata: Filter Runs…', 'User…');
    await bench.pick('Every user');
    await bench.treeItem(/^reviewer/).waitFor();

    await bench.runCommandAndPick('Strata: Filter Runs…', 'Words…');
    await bench.answer('TOTALS');
    await bench.treeItem(/^reviewer/).waitFor({ state: 'hidden' });
    await bench.treeItem(task).waitFor();
    await bench.screenshot('runs-filtered');

    await bench.runCommandAndPick('Strata: Filter Runs…', 'Words…');
    await bench.answer('nothing is like this');
    const back = bench.page.locator('.part.sidebar').getByRole('button', { name: 'Show All Runs' });
    await bench.page.getByText('No run fits the filter.').waitFor();
    await bench.screenshot('runs-none-fits');
    await back.last().click();
    await bench.treeItem(/^reviewer/).waitFor();
    assert.deepEqual(bench.errors, []);
  });
});
