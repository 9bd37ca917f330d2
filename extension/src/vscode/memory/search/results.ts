import path from 'node:path';
import type { Hit, HitReason } from '../../../core/memory/index.ts';
import { listLine } from '../../plain-labels.ts';

/** A row of the search as data; `search-memory.ts` makes the editor's own of it. */
export interface ResultRow {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

export function hitRow(hit: Hit): ResultRow {
  const alike = hit.alike?.length ?? 0;
  return {
    label: listLine(hit.symbol ?? path.posix.basename(hit.path)),
    description: listLine(placeWords(hit)),
    detail: [
      firstLine(hit.text),
      ...reasonWords(hit.why),
      ...(alike > 0 ? [alike === 1 ? 'one more like it' : `${alike} more like it`] : []),
    ]
      .filter((part) => part !== '')
      .join(' · '),
  };
}

export function placeWords({ path: file, startLine, endLine }: Hit): string {
  return startLine === endLine ? `${file}:${startLine}` : `${file}:${startLine}–${endLine}`;
}

/** Why it was found: the words that stand in it, how near it is, and by which further query. */
export function reasonWords(why: HitReason | undefined): readonly string[] {
  if (!why) return [];
  const words = why.words.slice(0, MOST_WORDS).map((word) => listLine(word, WORD_CHARACTERS));
  const left = why.words.length - words.length;
  return [
    ...(words.length === 0 ? [] : [`has ${words.join(', ')}${left > 0 ? ` and ${left} more` : ''}`]),
    ...(why.similarity === undefined ? [] : [`${Math.round(why.similarity * 100)} % alike`]),
    ...(why.query === undefined ? [] : [`by “${listLine(why.query, QUERY_CHARACTERS)}”`]),
  ];
}

function firstLine(text: string): string {
  const line = text.split('\n').find((one) => /\w/.test(one)) ?? '';
  return listLine(line, LINE_CHARACTERS);
}

const MOST_WORDS = 6;
const WORD_CHARACTERS = 40;
const QUERY_CHARACTERS = 60;
const LINE_CHARACTERS = 100;
