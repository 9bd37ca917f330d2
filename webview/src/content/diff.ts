import { diffLines } from 'diff';
import { diffBlock } from './diff-block.ts';

/** The time that comparing grows with the square of what differs. */
const LONGEST = 100_000;

/** What became of a text; undefined where that cannot be told in reasonable time. */
export function textDiff(before: string, after: string): HTMLElement | undefined {
  if (before.length + after.length > LONGEST) return undefined;
  const changes = diffLines(before, after, { timeout: 200 });
  return changes && diffBlock(changes);
}
