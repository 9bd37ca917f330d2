import axe from 'axe-core';
import * as z from 'zod';

const result = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullish(),
      nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })),
    }),
  ),
});

/** What axe-core finds wrong in the document of a page, or of an element in a frame, one text for each rule. */
export async function accessibilityProblems(place: {
  evaluate(script: string): Promise<unknown>;
}): Promise<string[]> {
  // As text, which the debugger evaluates: the page's own policy lets no script in, and rightly.
  const script = `(() => { ${axe.source}; return axe.run(document, { resultTypes: ['violations'] }); })()`;
  const { violations } = result.parse(await place.evaluate(script));
  return violations.map(({ id, impact, nodes }) => {
    const where = nodes
      .slice(0, 3)
      .map(({ html, failureSummary }) => `${html.slice(0, 300)} ${failureSummary ?? ''}`);
    return `${id} (${impact ?? 'unrated'}): ${where.join('\n')}`;
  });
}
