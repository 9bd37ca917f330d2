import { readElements, type Attributes } from './elements.ts';

/** Share of the page's text that an element must hold to be taken for what the page is about. */
const enough = 0.3;
const leastCharacters = 200;

/**
 * The number of the element that holds the main content: `<main>` or its role, else the longest `<article>`, if it holds
 * enough of the text. Undefined when the page does not say.
 */
export function mainContent(html: string): number | undefined {
  const open: (Candidate | undefined)[] = [];
  const found: Candidate[] = [];
  let total = 0;
  let linked = 0;
  readElements(html, {
    open: (name, attributes, number) => {
      if (name === 'a') linked += 1;
      const rank = rankOf(name, attributes);
      const candidate = rank === 0 ? undefined : { number, rank, length: 0 };
      if (candidate) found.push(candidate);
      open.push(candidate);
    },
    text: (text) => {
      const length = text.trim().length;
      if (linked === 0) total += length;
      if (linked === 0) for (const candidate of open) if (candidate) candidate.length += length;
    },
    close: (name) => {
      if (name === 'a') linked -= 1;
      open.pop();
    },
  });
  const fitting = found.filter(({ length }) => length >= leastCharacters && length >= total * enough);
  return fitting.sort((a, b) => b.rank - a.rank || b.length - a.length)[0]?.number;
}

interface Candidate {
  readonly number: number;
  readonly rank: number;
  /** Of its text outside of links: menus are nothing but links. */
  length: number;
}

function rankOf(name: string, { role }: Attributes): number {
  if (name === 'main' || role === 'main') return 2;
  return name === 'article' || role === 'article' ? 1 : 0;
}
