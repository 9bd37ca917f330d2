import type { Page } from 'playwright-core';

/** Settles in the page's first frame after the timeline of a run of so many steps is there. */
export async function painted(page: Page, steps: number): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    const look = () => {
      const label = document.querySelector('.waterfall')?.getAttribute('aria-label') ?? '';
      if (label.includes(${JSON.stringify(`${String(steps)} steps`)}) && document.querySelector('.row'))
        requestAnimationFrame(() => setTimeout(done));
      else setTimeout(look, 1);
    };
    look();
  })`);
}
