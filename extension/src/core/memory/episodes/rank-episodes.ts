import { queryWords, wordsIn, type QueryWord } from '../retrieval/reasons.ts';
import { splitWords } from '../retrieval/words.ts';
import type { AlikeRun, Episode, RecalledEpisode, RecallReason } from './episode.ts';
import { episodeText } from './episode-text.ts';
import { meaningWords, sharedPart } from './meaning-words.ts';
import type { Usage } from './usage.ts';

export interface EpisodeCandidate {
  readonly episode: Episode;
  /** Of the full-text search. */
  readonly score: number;
}

export interface EpisodesToRank {
  readonly query: string;
  readonly candidates: readonly EpisodeCandidate[];
  /** By run: what later runs made of it. */
  readonly usage: ReadonlyMap<string, Usage>;
  readonly now: number;
  readonly limit: number;
}

/**
 * The few earlier runs that matter for a task, best first. What people said counts more than what went well, and that
 * more than what merely happened; what is old and was never of use fades. Runs of one task are one entry, which tells of
 * the newest and of what was said about the others.
 */
export function rankEpisodes({ query, candidates, usage, now, limit }: EpisodesToRank): RecalledEpisode[] {
  const words = queryWords(query).filter(({ written }) => meaningWords(written).size > 0);
  const best = candidates.reduce((most, { score }) => Math.max(most, score), 0);
  const found = candidates.flatMap(({ episode, score }): Found[] => {
    const why = reasonOf(episode, query, words);
    if (!matters(why, words.length)) return [];
    const match =
      (best > 0 ? Math.max(score, 0) / best : 0) + FILE_BONUS * Math.min(why.files?.length ?? 0, 2);
    const weight = verdictWeight(why) * freshness(episode, usage.get(episode.run), now);
    return [
      { episode, why, score: Math.round(match * weight * 1e4) / 1e4, task: meaningWords(episode.task) },
    ];
  });
  return folded(found)
    .sort((a, b) => b.score - a.score || b.episode.at - a.episode.at)
    .slice(0, limit)
    .map(({ episode, why, score, alike }) => ({
      ...episode,
      score,
      why,
      ...(alike.length === 0 ? {} : { alike }),
    }));
}

interface Found {
  readonly episode: Episode;
  readonly why: RecallReason;
  readonly score: number;
  readonly task: ReadonlySet<string>;
}

/** A full-text search finds whatever shares one word, however little that says. */
function matters({ words, files, pinned }: RecallReason, asked: number): boolean {
  if (files !== undefined) return true;
  const wanted = pinned ? 1 : Math.max(1, Math.ceil(Math.min(asked, MOST_COUNTED) * LEAST_SHARED));
  return words.length >= wanted;
}

function reasonOf(episode: Episode, query: string, words: readonly QueryWord[]): RecallReason {
  const own = new Set(splitWords(episodeText(episode)));
  const verdict = verdictOf(episode);
  const files = episode.files.filter((file) => isNamed(file, query));
  return {
    words: wordsIn(words, own),
    ...(files.length === 0 ? {} : { files }),
    ...(verdict === undefined ? {} : { verdict }),
    ...(episode.pinned ? { pinned: true } : {}),
  };
}

/** By its path or its name; names without an ending are words like any other. */
function isNamed(file: string, query: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return query.includes(file) || (name.includes('.') && query.includes(name));
}

function verdictOf({ correction, verdict, changes }: Episode): RecallReason['verdict'] {
  return correction === undefined ? (verdict ?? changes) : 'corrected';
}

function verdictWeight({ verdict, pinned }: RecallReason): number {
  return (verdict === undefined ? 1 : VERDICT_WEIGHTS[verdict]) * (pinned ? PINNED_WEIGHT : 1);
}

/** A bad run is worth knowing of too: it says what not to do again. One that was thrown away says the least. */
const VERDICT_WEIGHTS = { corrected: 1.6, up: 1.25, applied: 1.15, down: 1.1, discarded: 0.9 } as const;
const PINNED_WEIGHT = 2;
const FILE_BONUS = 0.2;
/** Of the words of the task, up to the number that is counted. */
const LEAST_SHARED = 0.25;
const MOST_COUNTED = 12;

/** 1 when it is new or was of use lately, then halved again and again; pinned ones never fade. */
function freshness(episode: Episode, usage: Usage | undefined, now: number): number {
  if (episode.pinned) return 1;
  const idleDays = Math.max(0, now - Math.max(episode.at, usage?.lastAt ?? 0)) / DAY_MS;
  const halfLife = episode.correction === undefined ? HALF_LIFE_DAYS : CORRECTION_HALF_LIFE_DAYS;
  return Math.max(LEAST_FRESH, 0.5 ** (idleDays / halfLife));
}

const DAY_MS = 86_400_000;
const HALF_LIFE_DAYS = 90;
const CORRECTION_HALF_LIFE_DAYS = 360;
const LEAST_FRESH = 0.1;

/** The newest of each task stands for all of them, with the score of the best. */
function folded(found: readonly Found[]): (Found & { readonly alike: readonly AlikeRun[] })[] {
  const groups: { readonly newest: Found; score: number; readonly others: Found[] }[] = [];
  for (const one of found.toSorted((a, b) => b.episode.at - a.episode.at)) {
    const group = groups.find(({ newest }) => isSameTask(newest, one));
    if (group === undefined) groups.push({ newest: one, score: one.score, others: [] });
    else {
      group.others.push(one);
      group.score = Math.max(group.score, one.score);
    }
  }
  return groups.map(({ newest, score, others }) => ({ ...newest, score, alike: others.map(alikeOf) }));
}

function isSameTask(a: Found, b: Found): boolean {
  return a.episode.task === b.episode.task || sharedPart(a.task, b.task) >= SAME_TASK;
}

const SAME_TASK = 0.8;

function alikeOf({ episode: { run, outcome, verdict, correction } }: Found): AlikeRun {
  return {
    run,
    outcome,
    ...(verdict === undefined ? {} : { verdict }),
    ...(correction === undefined ? {} : { correction }),
  };
}
