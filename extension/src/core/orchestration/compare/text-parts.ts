import { diffLines, diffWordsWithSpace } from 'diff';
import type { TextPart } from './comparison.ts';

/** More edits than this are no help to a reader, and finding them would take long. */
const MOST_EDITS = 1000;

/** What two texts share and what not: line by line, and word by word where both are of one line. */
export function textParts(a: string, b: string): readonly TextPart[] {
  if (a === b) return a === '' ? [] : [{ side: 'both', text: a }];
  const options = { maxEditLength: MOST_EDITS };
  const oneLine = !a.includes('\n') && !b.includes('\n');
  const changes = oneLine ? diffWordsWithSpace(a, b, options) : diffLines(a, b, options);
  if (!changes) return whole(a, b);
  return changes.map(({ added, removed, value }): TextPart => {
    return { side: added ? 'b' : removed ? 'a' : 'both', text: value };
  });
}

function whole(a: string, b: string): TextPart[] {
  const parts: TextPart[] = [
    { side: 'a', text: a },
    { side: 'b', text: b },
  ];
  return parts.filter(({ text }) => text !== '');
}
