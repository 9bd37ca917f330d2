import { estimateText } from '../working/token-estimate.ts';
import type { Recalled } from './episode.ts';

/** Tokens that what is recalled for a run may come to together. */
export const RECALL_TOKENS = 2_000;

/** The first of them that fit, each cut down to what is worth reading again. At least one is kept. */
export function withinBudget(recalled: readonly Recalled[], tokens: number): Recalled[] {
  const kept: Recalled[] = [];
  let used = 0;
  for (const one of recalled.map(shortened)) {
    used += estimateText(JSON.stringify(one));
    if (used > tokens && kept.length > 0) break;
    kept.push(one);
  }
  return kept;
}

function shortened(one: Recalled): Recalled {
  if (one.kind === 'note') return { ...one, text: cut(one.text, LONG_TEXT) };
  const { correction, alike, remedies } = one;
  return {
    ...one,
    task: cut(one.task, LONG_TEXT),
    answer: cut(one.answer, LONG_TEXT),
    files: one.files.slice(0, MOST_LINES),
    failures: one.failures.slice(0, MOST_LINES),
    ...(one.tried === undefined ? {} : { tried: one.tried.slice(0, MOST_LINES) }),
    ...(remedies === undefined ? {} : { remedies: remedies.slice(0, MOST_REMEDIES) }),
    ...(one.recalled === undefined ? {} : { recalled: [] }),
    ...(correction === undefined ? {} : { correction: cut(correction, LONG_TEXT) }),
    ...(alike === undefined ? {} : { alike: alike.slice(0, MOST_LINES) }),
  };
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text;
}

const LONG_TEXT = 800;
const MOST_LINES = 10;
const MOST_REMEDIES = 3;
