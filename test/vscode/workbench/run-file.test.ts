import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { startRun } from '../../../extension/src/core/orchestration/index.ts';
import { writeRecording } from '../../../extension/src/core/orchestration/recording/index.ts';
import { textOf } from '../../../extension/src/protocol/message.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { calls, inputFor, says, smallWorld } from '../../support/small-world.ts';
import { partsOf, startSession } from './page/session.ts';

const script = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>";

/** A run with a sub-run, as another machine saved it. HTML stands wherever a text can. */
async function savedRun(): Promise<string> {
  const small = smallWorld({
    model: (messages) => {
      const isHelper = messages.some((message) => message.role === 'system' && textOf(message) === 'Help.');
      const done = messages.filter(({ role }) => role === 'assistant').length;
      if (done > 0) return says(isHelper ? `Helped. ${script}` : `All done. ${script}`);
      return isHelper
        ? calls('files_append', { path: 'a.txt', text: script })
        : calls('agents_run', { agent: 'helper', task: `Append a word ${script}` });
    },
  });
  try {
    const input = inputFor(`Have it appended ${script}`);
    assert.ok(input.program.kind === 'agent');
    const { agent } = input.program;
    const { run, ended } = startRun(small.environment, {
      ...input,
      program: { kind: 'agent', agent: { ...agent, agents: ['helper'] } },
      agents: { helper: { ...agent, name: 'helper', prompt: 'Help.' } },
    });
    assert.equal((await ended).status, 'succeeded');
    return writeRecording(small.store, run);
  } finally {
    small.dispose();
  }
}

test('a file of a run opens in the trace panel, read-only, in a folder that nobody has trusted', async (t) => {
  const source = await mkdtemp(path.join(tmpdir(), 'strata-run-file-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  const text = await savedRun();
  await writeFile(path.join(source, 'theirs.strata-run'), text);
  await writeFile(path.join(source, 'half.strata-run'), text.slice(0, text.length / 2));
  await writeFile(path.join(source, 'newer.strata-run'), text.replace('strata-run: 1', 'strata-run: 9'));
  const session = await startSession({ workspace: source, workspaceTrust: true });
  t.after(session.close);
  const bench = await session.open();
  const panel = bench.webview('panel');
  const header = panel.locator('header');
  const part = partsOf(t, bench);
  const open = async (name: string): Promise<void> => {
    await bench.page.locator(`.explorer-folders-view [role="treeitem"][aria-label^="${name}"]`).dblclick();
  };

  await part('its task, steps and answer are shown, and nothing that needs its log', async () => {
    await bench.page
      .getByRole('button', { name: /I don't trust the authors/ })
      .click({ timeout: 15_000 })
      .catch(() => undefined);
    // The editor knows who shows such files once it has read what is installed.
    await bench.openContainer('Strata');
    await bench.openContainer('Explorer');
    await open('theirs.strata-run');
    await header.getByText(/^Have it appended <img/).waitFor({ timeout: 60_000 });
    await header.getByText('Succeeded').waitFor();
    await panel
      .getByText(/All done\. /)
      .first()
      .waitFor();
    for (const name of ['Replay', 'Rerun', 'Export', 'Discard', 'Apply changes'])
      assert.equal(await header.getByText(name, { exact: true }).isVisible(), false, name);
    assert.deepEqual(await accessibilityProblems(panel.locator('body')), []);
    await bench.screenshot('run-file');
  });

  await part('a sub-run is in the file too, and there is no fork', async () => {
    await panel
      .getByRole('treeitem', { name: /helper/ })
      .first()
      .click();
    await panel.getByRole('button', { name: 'Open its trace' }).click();
    await header.getByText(/^Append a word <img/).waitFor();
    await panel
      .getByRole('treeitem', { name: /^files_append/ })
      .first()
      .click();
    assert.equal(await panel.getByRole('button', { name: 'Fork here…' }).count(), 0);
    await header.getByText('Show that run').click();
    await header.getByText(/^Have it appended <img/).waitFor();
  });

  await part('no HTML of it has run', async () => {
    assert.equal(await panel.locator('img[src="x"]').count(), 0);
    assert.notEqual(await panel.locator('head title').textContent(), 'ran');
    assert.deepEqual(bench.policyViolations, []);
  });

  await part('what cannot be read says why, and what to do', async () => {
    await open('newer.strata-run');
    await panel.getByText(/is in format 9 of recordings/).waitFor();
    await panel.getByText(/Update Strata/).waitFor();
    await open('half.strata-run');
    await panel.getByText(/half\.strata-run:\d+: /).waitFor();
    await bench.screenshot('run-file-half');
  });

  await part('and is shown as soon as it is put right', async () => {
    await writeFile(path.join(session.workspace, 'half.strata-run'), text);
    await header.getByText(/^Have it appended <img/).waitFor({ timeout: 60_000 });
    assert.equal(await readFile(path.join(session.workspace, 'half.strata-run'), 'utf8'), text);
  });
});
