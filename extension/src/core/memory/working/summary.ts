import { cutMiddle } from './cut-results.ts';
import { estimateText } from './token-estimate.ts';

/** What is kept of older turns, in this order. `Facts found` are carried on word for word from summary to summary. */
export const HEADINGS = ['Decided', 'Tried and failed', 'Facts found', 'Open points'] as const;
export type Heading = (typeof HEADINGS)[number];

/** Lines under the headings; what stands before the first heading is `before`. */
export interface Notes {
  readonly before: readonly string[];
  readonly under: Readonly<Record<Heading, readonly string[]>>;
}

/** Of the room for notes, what each part may take when they are too long together. */
const SHARE: Readonly<Record<Heading | 'before', number>> = {
  before: 0.1,
  Decided: 0.15,
  'Tried and failed': 0.15,
  'Facts found': 0.45,
  'Open points': 0.15,
};
/** Nothing but room is lost with a long line. */
const LONGEST_LINE = 600;

export interface SummaryParts {
  /** Messages that it stands for, those of earlier summaries included. */
  readonly messages: number;
  readonly notes: Notes;
  /** See `listChangedFiles`; empty while nothing changed. */
  readonly files: string;
  /** What people said in the middle of the turns that it stands for, the oldest first. */
  readonly said: readonly string[];
}

/** The text that takes the place of older messages. Recorded as it is, so a replay does not depend on this function. */
export function summaryText({ messages, notes, files, said }: SummaryParts): string {
  const parts = [
    `[The ${messages} messages that stood here are left out to save room. This is what is kept of them; the task above holds as it is.]`,
    ...(notes.before.length > 0 ? [notes.before.join('\n')] : []),
    ...HEADINGS.filter((heading) => notes.under[heading].length > 0).map(
      (heading) => `## ${heading}\n${notes.under[heading].join('\n')}`,
    ),
    `## Files changed so far\n${files === '' ? 'None.' : files}`,
  ];
  if (said.length > 0) parts.push(`${SAID}\n${said.map(quoted).join('\n\n')}`);
  return parts.join('\n\n');
}

/** The notes in a summary, or in a model's answer that was asked for them. */
export function readNotes(text: string): Notes {
  const notes = { before: [] as string[], under: emptyNotes() };
  let lines: string[] | undefined = notes.before;
  for (const line of text.split('\n')) {
    const title = /^#{1,4}\s+(.+?)\s*:?\s*$/.exec(line)?.[1]?.replaceAll('*', '').toLowerCase();
    const heading = HEADINGS.find((known) => known.toLowerCase() === title);
    if (heading) lines = notes.under[heading];
    // The list of files and the people's words are not the model's to tell.
    else if (title !== undefined && OWN.has(title)) lines = undefined;
    else if (line.trim() !== '' && !FIRST_LINE.test(line)) lines?.push(line.trimEnd());
  }
  for (const heading of HEADINGS) {
    const found = notes.under[heading];
    if (found.every((line) => /^[-*\s]*none\.?$/i.test(line))) found.length = 0;
  }
  return notes;
}

/**
 * New notes with what the old ones knew: its facts stay word for word, and a heading that the new ones leave out stays as it
 * was. At most about `room` tokens; of facts the oldest go first, of the rest the last lines.
 */
export function mergeNotes(old: Notes | undefined, fresh: Notes, room: number): Notes {
  const under = emptyNotes();
  for (const heading of HEADINGS) {
    const before = old?.under[heading] ?? [];
    const now = fresh.under[heading];
    if (heading === 'Facts found') under[heading] = [...new Set([...before, ...now])];
    else under[heading] = [...(now.length > 0 ? now : before)];
  }
  const all = { before: [...fresh.before], under };
  const size = [all.before, ...Object.values(under)].reduce((sum, lines) => sum + tokensOf(lines), 0);
  if (size <= room) return all;
  return {
    before: firstThatFit(all.before, room * SHARE.before),
    under: {
      Decided: firstThatFit(under.Decided, room * SHARE.Decided),
      'Tried and failed': firstThatFit(under['Tried and failed'], room * SHARE['Tried and failed']),
      'Facts found': firstThatFit(
        under['Facts found'].toReversed(),
        room * SHARE['Facts found'],
      ).toReversed(),
      'Open points': firstThatFit(under['Open points'], room * SHARE['Open points']),
    },
  };
}

/** Whether anything stands under a heading: else it is no answer to the question for notes. */
export function hasHeadings({ under }: Notes): boolean {
  return HEADINGS.some((heading) => under[heading].length > 0);
}

const SAID = '## Said by the user on the way, word for word';
const OWN: ReadonlySet<string> = new Set([SAID.slice(3).toLowerCase(), 'files changed so far']);
const FIRST_LINE = /^\[The \d+ messages that stood here are left out to save room\./;

/** Quoted, a person's own headings are none of ours. */
function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function emptyNotes(): Record<Heading, string[]> {
  return { Decided: [], 'Tried and failed': [], 'Facts found': [], 'Open points': [] };
}

function tokensOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + estimateText(line) + 1, 0);
}

function firstThatFit(lines: readonly string[], room: number): string[] {
  const kept: string[] = [];
  let left = room;
  for (const line of lines) {
    const short = line.length > LONGEST_LINE ? cutMiddle(line, LONGEST_LINE).replaceAll('\n', ' ') : line;
    left -= estimateText(short) + 1;
    if (left < 0) break;
    kept.push(short);
  }
  return kept;
}
