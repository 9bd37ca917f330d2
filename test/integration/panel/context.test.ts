import assert from 'node:assert/strict';
import type { ContextReport } from '../../../extension/src/protocol/context-report.ts';
import type { Message } from '../../../extension/src/protocol/message.ts';
import { accessibilityProblems } from '../../support/accessibility.ts';
import { RecordedRun } from '../../support/recorded-run.ts';
import type { OpenPanel } from './harness.ts';
import { panelTests } from './panel-tests.ts';
import { dark, highContrast, light } from './themes.ts';

const { panel } = await panelTests();

const SUMMARY = `[The 34 messages that stood here are left out to save room. This is what is kept of them; the task above holds as it is.]

## Decided
- The discount is applied in total(), not by its callers.

## Facts found
- src/till.ts:3 returns the sum without the discount

## Files changed so far
- src/till.ts (step 9)`;

const context: ContextReport = {
  budget: 92_000,
  tokens: 36_570,
  sections: [
    { section: 'system', messages: 1, tokens: 4_120 },
    { section: 'task', messages: 1, tokens: 480 },
    { section: 'pinned', messages: 1, tokens: 60 },
    { section: 'recalled', messages: 0, tokens: 910 },
    { section: 'condensed', messages: 1, tokens: 3_000 },
    { section: 'recent', messages: 14, tokens: 28_000 },
  ],
  leftOut: { messages: 34, tokens: 12_345 },
};

/** A model call right after its context was condensed. */
function condensed(): RecordedRun {
  const run = new RecordedRun('r-0001mb3kq7xw2d5f', Date.UTC(2026, 9, 5, 9, 30)).start('Make the test pass');
  const opening: Message[] = [
    { role: 'system', text: 'You are a careful engineer.' },
    { role: 'user', content: [{ type: 'text', text: 'Make the test pass' }] },
  ];
  const { conversation, input } = run.chatInput(opening, []);
  const model = {
    provider: 'anthropic',
    model: 'claude-haiku-4-5',
    usage: { input: 35_102, output: 412 },
    cost: { kind: 'priced', usd: 0.0121 },
  } as const;
  return run
    .begin('1', 'condense', 'context', { route: 'code', conversation })
    .finish('1', 2_300, { summary: SUMMARY, messages: 34, tokens: 12_345 }, { model })
    .begin('2', 'chat', 'code', input, { context })
    .finish('2', 3_100, { role: 'assistant', content: [{ type: 'text', text: 'Done.' }] }, { model });
}

const looks = {
  dark: { theme: dark },
  light: { theme: light },
  'high contrast': { theme: highContrast },
  'a narrow panel': { width: 320 },
  '200 % zoom': { zoom: 2 },
};

for (const [name, options] of Object.entries(looks)) {
  const look = async ({ page }: OpenPanel): Promise<void> => {
    await page.locator('[id="row-2"]').click();
    await page.getByRole('tab', { name: 'Overview' }).click();
    const table = page.getByRole('table', { name: 'What was in the context of this model call' });
    const rows = await table.getByRole('row').allInnerTexts();
    assert.deepEqual(
      rows.map((row) => row.replaceAll(/\s+/g, ' ').trim()),
      [
        'Part Messages Tokens Share',
        'Instructions and tools 1 4,120 4 %',
        'Task 1 480 <1 %',
        'Your words on the way 1 60 <1 %',
        'Earlier runs with the task 910 <1 %',
        'Summary of older turns 1 3,000 3 %',
        'Newest turns 14 28,000 30 %',
        'Free – 55,430 60 %',
      ],
    );
    await table.scrollIntoViewIfNeeded();
    const [own, outer] = [await table.boundingBox(), await page.locator('.detail').boundingBox()];
    assert.ok(own && outer && own.x + own.width <= outer.x + outer.width, 'nothing is cut off');
    assert.deepEqual(await accessibilityProblems(page), []);

    // What is left out leads to the summary, which is read as text.
    await page.getByRole('button', { name: 'Summary made in step 1' }).click();
    await page.getByRole('tab', { name: 'Output' }).click();
    await page.getByRole('tabpanel').getByText('src/till.ts:3 returns the sum').waitFor();
  };
  panel(`the context of a model call: ${name}`, condensed, look, options);
}
