import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { FrameLocator } from 'playwright-core';
import * as z from 'zod';

const result = z.array(
  z.object({ id: z.string(), impact: z.string().nullish(), nodes: z.array(z.string()) }),
);

/** What axe-core finds wrong in a webview's document, one line for each rule. */
export async function accessibilityProblems(frame: FrameLocator): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // As text, which the debugger evaluates: the page's own policy lets no script in, and rightly.
  const script = `(async () => {
    ${axe};
    const { violations } = await window.axe.run(document);
    return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => html.slice(0, 200)) }));
  })()`;
  const found = result.parse(await frame.locator('body').evaluate(script));
  return found.map(
    ({ id, impact, nodes }) => `${id} (${impact ?? 'unrated'}): ${nodes.slice(0, 3).join(' | ')}`,
  );
}
