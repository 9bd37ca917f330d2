import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import * as z from 'zod';

const processes = z.object({ processInfo: z.array(z.object({ type: z.string(), id: z.number() })) });

/** Bytes that the page's process holds of its own, Chromium's part included, once garbage is collected. */
export async function memoryOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const browser = await page.context().browser()?.newBrowserCDPSession();
  if (!browser) throw new Error('The page has no browser');
  const { processInfo } = processes.parse(await browser.send('SystemInfo.getProcessInfo'));
  const sizes = await Promise.all(
    processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => anonymous(id)),
  );
  return Math.max(...sizes);
}

async function anonymous(id: number): Promise<number> {
  const status = await readFile(`/proc/${String(id)}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
}
