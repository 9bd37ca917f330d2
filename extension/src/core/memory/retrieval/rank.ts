import type { Hit, HitReason, Place } from '../memory.ts';
import type { Candidate } from './candidate.ts';
import { likeness, mostLikeness, shinglesOf } from './folding.ts';
import { queryWords, wordsIn, type QueryWord } from './reasons.ts';
import { contentWords } from './stem.ts';

export interface Ranked {
  readonly query: string;
  /** What the full-text search found: for the query itself first, then for each further query that a model wrote. */
  readonly lists: readonly KeywordList[];
  /** The nearest vectors, their `score` the cosine similarity. */
  readonly nearest: readonly Candidate[];
  /** Of a similarity beside a keyword score of the query: 0 leaves vectors out, 1 counts them as much. */
  readonly nearestWeight: number;
  readonly limit: number;
}

export interface KeywordList {
  readonly query: string;
  readonly weight: number;
  readonly candidates: readonly Candidate[];
}

/** Of one further query. Four of them together then count a little more than the query. */
export const EXPANSION_WEIGHT = 0.3;

/** How many rows to ask a search for, so that enough are left to rank anew and to fold. */
export function candidatesFor(limit: number): number {
  return Math.min(Math.max(limit * 3, 50), 1_000);
}

/**
 * The best hits, best first. Scores are fused and not ranks: with equal weights by rank, a weak embedder made the answers
 * worse than keywords alone. Each list is scaled by its best score, so a keyword score keeps its distances; similarities
 * are scaled between the least and the greatest of their list, since every model has a floor of its own. A definition whose
 * name is made of the query's words gains: on doc comments as queries that raised recall@5 by 0.08.
 */
export function rankHits(ranked: Ranked): Hit[] {
  const kept: Found[] = [];
  for (const one of fused(ranked)
    .sort(byRank)
    .slice(0, ranked.limit * FOLDED_DEPTH)) {
    const twin = kept.find((other) => isAlike(one, other));
    if (twin !== undefined) twin.alike.push(...placesOf(one.row));
    else if (kept.length < ranked.limit) kept.push(one);
  }
  const words = queryWords(ranked.query);
  return kept.map((one) => hitOf(one, ranked.query, words));
}

function fused({ query, lists, nearest, nearestWeight }: Ranked): Found[] {
  const found = new Map<string, Found>();
  const add = (row: Candidate, by: string, part: number): Found => {
    const one = found.get(row.id) ?? { row, parts: new Map<string, number>(), alike: [] };
    one.parts.set(by, (one.parts.get(by) ?? 0) + part);
    found.set(row.id, one);
    return one;
  };
  for (const list of lists) {
    const best = list.candidates.reduce((most, { score }) => Math.max(most, score), 0);
    if (best <= 0) continue;
    // A list whose best hit has few of its query's words is a guess, and must not outweigh one that is not.
    const weight = list.weight * (lists.length > 1 ? coverage(list) : 1);
    const asked = new Set(contentWords(list.query));
    for (const row of list.candidates)
      add(row, list.query, (Math.max(row.score, 0) / best + NAME_WEIGHT * namedPart(row, asked)) * weight);
  }
  const similarities = nearest.map(({ score }) => score);
  const [least, most] = [Math.min(...similarities), Math.max(...similarities)];
  for (const row of nearest) {
    const scaled = most > least ? (row.score - least) / (most - least) : 1;
    add(row, query, scaled * nearestWeight).similarity = row.score;
  }
  return [...found.values()];
}

/** What part of its query's words the best of a list's first hits has. */
function coverage({ query, candidates }: KeywordList): number {
  const asked = [...new Set(contentWords(query))];
  if (asked.length === 0) return 0;
  const parts = candidates.slice(0, LOOKED_AT).map((candidate) => {
    const own = wordsOf(candidate, contentWords(candidate.text));
    return asked.filter((word) => own.has(word)).length / asked.length;
  });
  return Math.max(0, ...parts);
}

/** What part of a definition's own name, without what it is in, stands in the query. */
function namedPart({ symbol }: Candidate, asked: ReadonlySet<string>): number {
  const own = new Set(contentWords(symbol?.split(SYMBOL_PARTS).at(-1) ?? ''));
  if (own.size === 0) return 0;
  return [...own].filter((word) => asked.has(word)).length / own.size;
}

function wordsOf({ path, symbol }: Candidate, own: readonly string[]): ReadonlySet<string> {
  return new Set([...contentWords(`${path} ${symbol ?? ''}`), ...own]);
}

/** Among the rows of one search: by content, else by nearly all of the text; the same name needs less of it. */
function isAlike(one: Found, other: Found): boolean {
  if (one.row.content === other.row.content) return true;
  const enough = one.row.symbol !== undefined && one.row.symbol === other.row.symbol ? SAME_NAME : NEARLY_ALL;
  const [a, b] = [shinglesIn(one), shinglesIn(other)];
  return mostLikeness(a, b) >= enough && likeness(a, b) >= enough;
}

/** Beside a keyword score of at most 1. */
const NAME_WEIGHT = 0.3;
/** `Cart.total`, and `Guide > Install` of headings. */
const SYMBOL_PARTS = /[.>]/u;
const NEARLY_ALL = 0.9;
const SAME_NAME = 0.7;
/** So many times the wanted number are looked through for duplicates, which bounds the comparisons of a search. */
const FOLDED_DEPTH = 3;
const LOOKED_AT = 5;

/** A candidate with what speaks for it. */
interface Found {
  readonly row: Candidate;
  /** What each query adds to its score. */
  readonly parts: Map<string, number>;
  readonly alike: Place[];
  similarity?: number;
  /** Of the text; both are made when they are first wanted. */
  words?: readonly string[];
  shingles?: ReadonlySet<string>;
}

function scoreOf({ parts }: Found): number {
  let sum = 0;
  for (const part of parts.values()) sum += part;
  return Math.round(sum * 1e4) / 1e4;
}

function shinglesIn(found: Found): ReadonlySet<string> {
  found.shingles ??= shinglesOf(textWords(found));
  return found.shingles;
}

function textWords(found: Found): readonly string[] {
  found.words ??= contentWords(found.row.text);
  return found.words;
}

function placesOf({ path, places }: Candidate): Place[] {
  return places.map(({ startLine, endLine }) => ({ path, startLine, endLine }));
}

function hitOf(found: Found, query: string, words: readonly QueryWord[]): Hit {
  const { path, symbol, kind, language, text } = found.row;
  const [first, ...others] = placesOf(found.row);
  const alike = [...others, ...found.alike];
  return {
    path,
    startLine: first?.startLine ?? 1,
    endLine: first?.endLine ?? 1,
    ...(symbol === undefined ? {} : { symbol }),
    kind,
    ...(language === undefined ? {} : { language }),
    text,
    score: scoreOf(found),
    why: reasonOf(found, query, words),
    ...(alike.length === 0 ? {} : { alike }),
  };
}

function reasonOf(found: Found, query: string, words: readonly QueryWord[]): HitReason {
  const { row, parts, similarity } = found;
  const [by] = [...parts].sort(([, a], [, b]) => b - a)[0] ?? [query];
  return {
    words: wordsIn(words, wordsOf(row, textWords(found))),
    ...(similarity === undefined ? {} : { similarity }),
    ...(by === query ? {} : { query: by }),
  };
}

/** Scores differ in the last digits from one index build to the next; among equals the order must not. */
function byRank(a: Found, b: Found): number {
  const difference = scoreOf(b) - scoreOf(a);
  if (difference !== 0) return difference;
  if (a.row.path !== b.row.path) return a.row.path < b.row.path ? -1 : 1;
  return (a.row.places[0]?.startLine ?? 0) - (b.row.places[0]?.startLine ?? 0);
}
