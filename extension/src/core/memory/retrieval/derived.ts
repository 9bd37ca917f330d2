import { contentWords } from './stem.ts';

/**
 * What is indexed for a chunk: where it is, what it is called, what it says. Repeating the name two to five times was
 * tried and changed nothing; what a name is worth is added when hits are ranked.
 */
export function derivedText(path: string, symbol: string | undefined, body: string): string {
  return contentWords(`${path} ${symbol ?? ''} ${body}`).join(' ');
}
