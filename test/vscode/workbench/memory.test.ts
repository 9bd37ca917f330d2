import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { projectRoot } from '../../../scripts/editor/index.ts';
import { startModelServer } from '../../support/model-server/index.ts';
import { partsOf, startSession } from './page/session.ts';

/** A window and its extension host on a busy machine. */
const openLimitMs = 120_000;
const runLimitMs = 60_000;
const task = 'Say how the whiskey ledger is balanced';
const correction = 'Balance it by the victor column.';

const notes = `# Memory

- Prices are whole cents everywhere.
- Tests are run with node --test.
`;

/** Files below the folders of memory that hold these bytes. */
async function filesWith(home: string, text: string): Promise<string[]> {
  const entries = await readdir(path.join(home, 'folders'), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .filter((file) => file.includes(`${path.sep}memory${path.sep}`));
  const held = await Promise.all(files.map(async (file) => (await readFile(file)).includes(text)));
  return files.filter((_, index) => held[index]);
}

test('a person sees what is remembered, finds what they just saved, corrects a run, and forgets it for good', async (t) => {
  const source = await mkdtemp(path.join(tmpdir(), 'strata-memory-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  const model = await startModelServer((request) => ({
    text:
      request.model === 'writer'
        ? JSON.stringify({ queries: ['freight clause'], sketch: '' })
        : 'It is balanced by the uniform column.',
  }));
  t.after(() => model.close());
  await cp(path.join(projectRoot, 'examples', 'sample-workspace'), source, { recursive: true });
  await mkdir(path.join(source, '.strata', 'agents'), { recursive: true });
  const write = (name: string, text: string) => writeFile(path.join(source, '.strata', name), text);
  const route = (name: string) => [{ provider: 'openai', model: name, baseUrl: `${model.url}/v1` }];
  await write('models.jsonc', JSON.stringify({ routes: { code: route('teller'), fast: route('writer') } }));
  await write('memory.md', notes);
  await write(
    path.join('agents', 'teller.agent.md'),
    '---\nname: teller\ndescription: Tells how things are\nroute: code\ntools: []\n---\nYou tell.\n',
  );
  // Nothing here calls a tool, so no container need start.
  const off = { enabled: false };
  await write(
    'tools.jsonc',
    JSON.stringify({ servers: { files: off, shell: off, code: off, git: off, web: off } }),
  );
  const session = await startSession({
    workspace: source,
    settings: { 'strata.tools.warm': false, 'strata.memory.index': 'auto' },
  });
  t.after(session.close);
  const bench = await session.open();
  const { page } = bench;
  const labelled = (start: string): Locator =>
    page.locator('.part.sidebar').locator(`[role="treeitem"][aria-label^=${JSON.stringify(start)}]`);
  const found = (text: string | RegExp): Locator =>
    page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: text });
  const selection = page.locator('.part.statusbar').getByText(/^Ln \d+, Col \d+/);

  const part = partsOf(t, bench);

  await part('the folder indexes itself, and the view says what there is', async () => {
    await bench.setTheme('dark');
    await bench.runCommand('Strata: Focus on Memory View');
    await bench.giveRoomTo('Memory');
    await page
      .locator('.part.sidebar [role="treeitem"][aria-label^="index, "][aria-label*=" files · "]')
      .waitFor({ timeout: openLimitMs });
    await labelled('keyword search, no embedder').waitFor();
    await labelled('note, Prices are whole cents everywhere.').waitFor();
    await bench.screenshot('memory-view-dark');
  });

  await part('a note opens at its line', async () => {
    await labelled('note, Tests are run with').click();
    await page.getByRole('tab', { name: /memory\.md/ }).waitFor();
    await selection.getByText('Ln 4').waitFor();
  });

  await part('what is saved is found at once, at its lines', async () => {
    await page.keyboard.press('Control+P');
    await bench.quickInput.fill('README.md');
    await found('README.md').first().click();
    await page.getByRole('tab', { name: /README\.md/, selected: true }).waitFor();
    await page.locator('.editor-group-container.active .monaco-editor').first().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\n\nThe quebec clause says who pays for the freight.\n');
    await page.keyboard.press('Control+S');
    await bench.runCommand('Strata: Search Memory…');
    await bench.quickInput.fill('quebec clause');
    await found('README.md:').waitFor();
    await bench.screenshot('memory-search-saved-dark');
    await page.keyboard.press('Escape');
  });

  await part(
    'a model is asked for other words when a person chooses it, and what it costs is a run',
    async () => {
      await bench.runCommand('Strata: Search Memory…');
      await bench.quickInput.fill('who bears the carriage of parcels');
      await found('Ask the model for other words').waitFor();
      assert.deepEqual(
        model.requests.filter((request) => request.model === 'writer'),
        [],
        'typing asks nobody',
      );
      await bench.screenshot('memory-search-ask-dark');
      await found('Ask the model for other words').click();
      await found('Searched for other words too').getByText('freight clause').waitFor();
      await found('README.md:')
        .filter({ hasText: /by “freight clause”/ })
        .waitFor();
      await bench.screenshot('memory-search-other-words-dark');
      await page.keyboard.press('Escape');
      await bench.giveRoomTo('Runs');
      await bench.treeItem('who bears the carriage').first().waitFor();
      await bench.giveRoomTo('Memory');
    },
  );

  await part(
    'the search of the view shows each place while one moves through them, and opens the right lines',
    async () => {
      const header = page.locator('.part.sidebar .pane-header[aria-label^="Memory"]');
      await header.hover();
      await header.getByRole('button', { name: 'Search Memory' }).click();
      await bench.quickInput.fill('line discount quantity lang:js path:src');
      const second = found(/has .*discount/).nth(1);
      await second.waitFor();
      await page.keyboard.press('ArrowDown');
      await page
        .getByRole('tab', { name: /\.js.*/ })
        .first()
        .waitFor();
      await bench.screenshot('memory-search-dark');
      await bench.quickInput.fill('cents taken off a line');
      await page.locator('.quick-input-widget .monaco-list-row[aria-label^="lineDiscount,"]').click();
      await page.getByRole('tab', { name: /discounts\.js/ }).waitFor();
      const text = await readFile(path.join(session.workspace, 'src', 'discounts.js'), 'utf8');
      const lines = text.split('\n');
      const definition = lines.findIndex((line) => line.includes('export function lineDiscount')) + 1;
      await selection.waitFor();
      // The cursor stands at the end of what was selected: the last line of the definition.
      const last = lines.findIndex((line, index) => index >= definition && line === '}') + 1;
      await selection.getByText(`Ln ${last}`).waitFor();
    },
  );

  await part('Escape puts the editor back as it was', async () => {
    await bench.runCommand('Strata: Search Memory…');
    await page.locator('.quick-input-widget').getByText('Search Memory (keyword)').waitFor();
    const before = await selection.textContent();
    await bench.quickInput.fill('invoice total tax');
    await found(/invoice/)
      .first()
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page
      .getByRole('tab', { name: /invoice|tax/ })
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: /discounts\.js/, selected: true }).waitFor();
    await selection.getByText(before ?? '', { exact: true }).waitFor();
  });

  await part('a run becomes an episode, which a person corrects', async () => {
    await bench.runCommandAndPick('Strata: Run Agent…', 'teller');
    await bench.answer(task);
    await bench.notification('The run has finished.').waitFor({ timeout: runLimitMs });
    await bench.dismissNotifications();
    const episode = labelled(`succeeded: ${task}`);
    await episode.waitFor();
    await episode.hover();
    await episode.getByRole('button', { name: 'Rate Run as Not Helpful…' }).click();
    await page.getByText('What should it have done?').first().waitFor();
    await bench.answer(correction);
    await page
      .locator(`.part.sidebar [role="treeitem"][aria-label^="succeeded: ${task}"][aria-label*="corrected"]`)
      .waitFor();
    await bench.screenshot('memory-episode-dark');
  });

  await part('a later run recalls it, and says so when asked why', async () => {
    await bench.runCommandAndPick('Strata: Run Agent…', 'teller');
    await bench.answer('Say how the whiskey ledger is balanced this year');
    await bench.notification('The run has finished.').waitFor({ timeout: runLimitMs });
    await bench.dismissNotifications();
    assert.match(JSON.stringify(model.requests.at(-1)), /victor column/);
    await labelled(`succeeded: ${task}, agent teller, rated`).click({ button: 'right' });
    await bench.chooseFromMenu('Why Was This Recalled?');
    await found('this year')
      .getByText(/has .*whiskey/)
      .waitFor();
    await bench.screenshot('memory-why-dark');
    await page.keyboard.press('Escape');
  });

  await part('what is forgotten is gone from the files on the disk', async () => {
    assert.ok((await filesWith(session.home, 'victor column')).length > 0);
    for (const start of [`succeeded: ${task} this year`, `succeeded: ${task}, agent`]) {
      await labelled(start).click({ button: 'right' });
      await bench.chooseFromMenu('Forget…');
      const dialog = page.locator('.monaco-dialog-box');
      await dialog.getByText('It cannot be undone.').waitFor();
      if (start.endsWith('agent')) await bench.screenshot('memory-forget-dark');
      await dialog.getByRole('button', { name: 'Forget' }).click();
      await labelled(start).waitFor({ state: 'hidden' });
    }
    assert.deepEqual(await filesWith(session.home, 'victor column'), []);
    assert.deepEqual(await filesWith(session.home, 'whiskey ledger'), []);
  });

  await part('an embedder is chosen by what leaves the machine', async () => {
    await bench.runCommand('Strata: Choose Embedder…');
    await found('None')
      .getByText(/Nothing leaves this machine/)
      .waitFor();
    await found('OpenAI')
      .getByText(/[Ss]ends? the text/)
      .first()
      .waitFor();
    await bench.screenshot('memory-embedder-dark');
    await page.keyboard.press('Escape');
  });

  await part('the view and the search read well in the light theme', async () => {
    await bench.setTheme('light');
    await bench.runCommand('Strata: Search Memory…');
    await bench.quickInput.fill('round cents');
    await found(/has .*cents/)
      .first()
      .waitFor();
    await bench.screenshot('memory-search-light');
    await page.keyboard.press('Escape');
    await labelled('index, ').hover();
    await page.locator('.monaco-hover').getByText('Index of this folder').waitFor();
    await bench.screenshot('memory-view-light');
  });

  await part('no error went uncaught', async () => {
    assert.deepEqual(bench.errors, []);
  });
});
