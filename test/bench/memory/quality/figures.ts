import type { Question } from './corpus.ts';

export interface Found {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
}

export interface Figures {
  readonly recallAt5: number;
  readonly recallAt10: number;
  /** Mean of one through the rank, over the first ten. */
  readonly meanReciprocalRank: number;
}

/** From 1, or undefined where none of the answers holds the line at which the definition begins. */
export function rankOf(question: Question, answers: readonly (readonly Found[])[]): number | undefined {
  const at = answers.findIndex((places) =>
    places.some(
      ({ path, startLine, endLine }) =>
        path === question.path && startLine <= question.line && question.line <= endLine,
    ),
  );
  return at < 0 ? undefined : at + 1;
}

export function figuresOf(ranks: readonly (number | undefined)[]): Figures {
  const share = (most: number): number =>
    ranks.filter((rank) => rank !== undefined && rank <= most).length / ranks.length;
  const reciprocal = ranks.reduce<number>((sum, rank) => sum + (rank === undefined ? 0 : 1 / rank), 0);
  return { recallAt5: share(5), recallAt10: share(10), meanReciprocalRank: reciprocal / ranks.length };
}
