import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pictureOnFailure, startSession } from './page/session.ts';

const themes = ['dark', 'light', 'highContrast', 'highContrastLight'] as const;

test('the walkthrough of a first run leads through its steps, each with a picture in the colours of the theme', async (t) => {
  const session = await startSession();
  t.after(session.close);
  const bench = await session.open();
  const { page } = bench;
  await pictureOnFailure(t, bench, async () => {
    const steps = page.locator('.gettingStartedContainer .getting-started-step');
    const picture = page
      .frameLocator('iframe.webview.ready:visible')
      .frameLocator('iframe#active-frame')
      .locator('svg');
    for (const theme of themes) {
      // Choosing one leaves the walkthrough.
      await bench.setTheme(theme);
      await bench.runCommandAndPick('Welcome: Open Walkthrough...', 'Get Started with Strata');
      await steps.first().waitFor();
      assert.equal(await steps.count(), 5);
      for (const [title, word] of [
        ['Open a folder', 'the copy of the run'],
        ['Run an agent', 'Explain what is in this folder'],
        ['Look at its trace', 'exit code 1'],
        ['Use a model of yours', 'when it fails'],
        ['Index the folder', 'an earlier run'],
      ] as const) {
        const step = steps.filter({ hasText: title });
        if ((await step.getAttribute('aria-expanded')) !== 'true') await step.click();
        await picture.getByText(word, { exact: true }).first().waitFor();
        await bench.screenshot(`walkthrough-${title.replaceAll(' ', '-')}-${theme}`);
      }
    }
    assert.deepEqual(bench.errors, []);
  });
});
