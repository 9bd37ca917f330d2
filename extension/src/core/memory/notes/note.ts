/**
 * A lasting fact about the workspace, one item of `.strata/memory.md`. What is written there by hand has neither runs nor
 * dates, and the program leaves it alone.
 */
export interface Note {
  /** Follows from its text. */
  readonly id: string;
  readonly text: string;
  /** Who it comes from: a person's words, an agent that asked to keep it, or what happened in runs again and again. */
  readonly by: 'person' | 'agent' | 'observed';
  /** Only what is confirmed is told to agents: by a person, or by having come up in runs that know nothing of each other. */
  readonly confirmed: boolean;
  /** It is told in every run and never fades. */
  readonly pinned: boolean;
  readonly fading?: Fading;
  /** The newest runs that it comes from. */
  readonly runs: readonly string[];
  /** In how many runs it came up. */
  readonly times: number;
  /** Days, `2026-11-03`: when it came up first and last. */
  readonly first?: string;
  readonly last?: string;
}

/** It will be removed, unless it comes up again, is of use, or a person pins it. */
export interface Fading {
  readonly since: string;
  readonly why: 'unused' | 'contradicted';
}

export const MOST_RUNS = 10;
export const LONGEST_NOTE = 300;

export function isByHand({ by, runs, first }: Note): boolean {
  return by === 'person' && runs.length === 0 && first === undefined;
}

/**
 * A text as it may stand in a note: one line, nothing that ends a comment or begins one, and no characters that are not
 * seen. Notes are read by people in a file and by models in a prompt.
 */
export function noteText(text: string): string {
  const line = text
    .toWellFormed()
    .normalize('NFC')
    .replace(/<!--|-->/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return line.length > LONGEST_NOTE ? `${line.slice(0, LONGEST_NOTE).toWellFormed()}…` : line;
}

export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
