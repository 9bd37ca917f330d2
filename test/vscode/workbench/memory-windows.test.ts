import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { partsOf, startSession } from './page/session.ts';
import type { Workbench } from './page/workbench.ts';

/** A window and its extension host on a busy machine. */
const openLimitMs = 120_000;

/** The row of the view that says how much is indexed, and by whom. */
function indexRow({ page }: Workbench, by: 'this window' | 'another window') {
  const row = page.locator('.part.sidebar [role="treeitem"][aria-label^="index, "][aria-label*=" files · "]');
  const another = page.locator('[aria-label*="kept by another window"]');
  return by === 'another window' ? row.and(another) : row.and(page.locator(':not([aria-label*="kept by"])'));
}

async function showMemory(bench: Workbench): Promise<void> {
  await bench.runCommand('Strata: Focus on Memory View');
  await bench.giveRoomTo('Memory');
}

/** As a person does it: opens the file, writes at its end and saves. */
async function writeInto(bench: Workbench, file: string, line: string): Promise<void> {
  const { page } = bench;
  await page.keyboard.press('Control+P');
  await bench.quickInput.fill(file);
  await page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: file }).first().click();
  await page.getByRole('tab', { name: file, selected: true }).waitFor();
  await page.locator('.editor-group-container.active .monaco-editor').first().click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(`\n\n${line}\n`);
  await page.keyboard.press('Control+S');
  await page.locator('.tab.active:not(.dirty)').waitFor();
}

/** Until the search of this window shows a place in the file: what another process wrote may come a moment later. */
async function untilFound(bench: Workbench, query: string, file: string): Promise<void> {
  const found = bench.page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: `${file}:` });
  const until = Date.now() + openLimitMs;
  for (;;) {
    await bench.runCommand('Strata: Search Memory…');
    await bench.quickInput.fill(query);
    const isThere = await found
      .first()
      .waitFor({ timeout: 5_000 })
      .then(
        () => true,
        () => false,
      );
    if (isThere) break;
    assert.ok(Date.now() < until, `“${query}” was not found in ${file}`);
  }
  await bench.page.keyboard.press('Escape');
}

test('of two windows on one folder one keeps the index and the other sees it, until it takes over', async (t) => {
  const source = await mkdtemp(path.join(tmpdir(), 'strata-windows-'));
  t.after(() => rm(source, { recursive: true, force: true }));
  await writeFile(path.join(source, 'freight.md'), '# Freight\n\nParcels leave on Mondays.\n');
  await writeFile(path.join(source, 'prices.md'), '# Prices\n\nThey are whole cents.\n');
  const session = await startSession({
    workspace: source,
    settings: { 'strata.tools.warm': false, 'strata.memory.index': 'auto' },
  });
  t.after(session.close);
  const first = await session.open();
  const part = partsOf(t, first);

  await part('the first window indexes the folder', async () => {
    await showMemory(first);
    await indexRow(first, 'this window').waitFor({ timeout: openLimitMs });
  });

  const second = await session.open();
  const partOfSecond = partsOf(t, second);

  await partOfSecond('the second window leaves it to the first, and says so', async () => {
    await showMemory(second);
    await indexRow(second, 'another window').waitFor({ timeout: openLimitMs });
    await second.screenshot('memory-windows-second');
  });

  await partOfSecond('what is saved in the first is found in the second', async () => {
    await writeInto(first, 'freight.md', 'The quebec clause says who pays for the carriage.');
    await untilFound(second, 'quebec clause', 'freight.md');
  });

  await partOfSecond('what is saved in the second is taken in by the first', async () => {
    await writeInto(second, 'prices.md', 'The tango surcharge is for islands.');
    await untilFound(first, 'tango surcharge', 'prices.md');
    await untilFound(second, 'tango surcharge', 'prices.md');
    await indexRow(second, 'another window').waitFor();
  });

  await partOfSecond('the second takes over when the first is closed', async () => {
    // Leaving the page is what tells VS Code that the window was closed: it ends the window's extension host.
    await first.page.goto('about:blank');
    await first.close();
    await indexRow(second, 'this window').waitFor({ timeout: openLimitMs });
    await writeInto(second, 'freight.md', 'The victor exemption is for books.');
    await untilFound(second, 'victor exemption', 'freight.md');
    await second.screenshot('memory-windows-taken-over');
  });

  await partOfSecond('no error went uncaught', () => {
    assert.deepEqual([...first.errors, ...second.errors], []);
    return Promise.resolve();
  });
});
