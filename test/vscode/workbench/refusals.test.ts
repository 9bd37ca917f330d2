import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { pictureOnFailure, startSession } from './page/session.ts';

const workspace = path.join(projectRoot, 'examples', 'sample-workspace');
const settings = {
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

test('where no agent may run, the extension says why', async (t) => {
  const session = await startSession({ workspace, workspaceTrust: true, settings });
  t.after(session.close);

  await t.test('an empty window: open a folder', async (inner) => {
    const bench = await session.open('empty');
    await pictureOnFailure(inner, bench, async () => {
      await bench.runCommand('Strata: Run Agent…');
      await bench.notification('No folder is open').waitFor();
      await bench.openContainer('Strata');
      await bench.page.locator('.part.sidebar').getByText('An agent works on a folder').waitFor();
      assert.deepEqual(bench.errors, []);
    });
    await bench.close();
  });

  await t.test('a folder that is not trusted: trust it', async (inner) => {
    const bench = await session.open();
    await pictureOnFailure(inner, bench, async () => {
      await bench.runCommand('Strata: Run Agent…');
      await bench.notification('This folder is not trusted').waitFor();
      await bench.openContainer('Strata');
      await bench.page
        .locator('.part.sidebar')
        .getByText('Agents run only in a folder that you trust')
        .waitFor();
      assert.deepEqual(bench.errors, []);
    });
    await bench.close();
  });
});

test('where nothing can be kept, the view says why and what to do', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'strata-home-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const home = path.join(folder, 'a-file');
  await writeFile(home, '');
  const session = await startSession({ workspace, env: { STRATA_HOME: home } });
  t.after(session.close);
  const bench = await session.open();
  await pictureOnFailure(t, bench, async () => {
    await bench.openContainer('Strata');
    // Each view that reads the run log says it.
    const trouble = bench.treeItem(/run log at .* cannot be written/).first();
    await trouble.waitFor();
    assert.match((await trouble.getAttribute('aria-label')) ?? '', /STRATA_HOME/);
    await bench.runCommand('Strata: Doctor');
    await bench.notification(/cannot be written\. Make the folder writable, or set STRATA_HOME/).waitFor();
    assert.deepEqual(bench.errors, []);
  });
});
