import type { Episode } from '../episodes/episode.ts';
import { usageOf, type Usage } from '../episodes/usage.ts';
import { factsIn, independentRuns, type Evidence, type Fact } from './evidence.ts';
import { dayOf, isByHand, MOST_RUNS, type Fading, type Note } from './note.ts';
import { noteId } from './notes-document.ts';
import { isContradiction, isReworded, isSameFact } from './same-fact.ts';

export interface Revised {
  readonly notes: readonly Note[];
  readonly noted: ReadonlySet<string>;
}

/**
 * The notes as earlier runs would have them: what comes up again and again is added, what comes up once more is brought up
 * to date, what was contradicted or is of no use fades and goes. `noted` are the ids of all that was ever made a note: what a
 * person has removed or put otherwise is not added again.
 *
 * | from                 | becomes a note after | and is told to agents                                   |
 * | -------------------- | -------------------- | ------------------------------------------------------- |
 * | a person's words     | 2 independent runs   | at once                                                 |
 * | an agent's wish      | 1 run                | when confirmed, or from 3 independent runs, one of them liked |
 * | what happened        | 3 independent runs   | at once                                                 |
 *
 * An agent reads files and pages that may tell it what to ask for, so what it asks for alone changes no later run.
 */
export function reviseNotes({ notes, noted }: Revised, episodes: readonly Episode[], now: number): Revised {
  const recent = episodes.filter(({ at }) => now - at <= EVIDENCE_DAYS * DAY_MS);
  const known = new Set(noted);
  const revised = [...notes];
  for (const fact of factsIn(recent)) {
    if (independentRuns(fact) < NEEDED[byOf(fact)]) continue;
    const at = revised.findIndex((note) => isOf(note, fact));
    const own = revised[at];
    if (own !== undefined) revised[at] = confirmedBy(own, fact);
    else if (fact.every(({ text }) => !known.has(noteId(text))) && !revised.some(says(fact)))
      revised.push(noteOf(fact));
    for (const { text } of fact) known.add(noteId(text));
  }
  const usage = usageOf(episodes);
  const opposed = (note: Note): boolean => isOpposed(note, revised, recent);
  const left = revised.flatMap((note) => aged(note, { usage: usage.get(note.id), opposed, now }));
  // What faded away by itself may come up again; what it came from is too old by then to bring it back.
  const gone = new Set(left.map(({ id }) => id));
  for (const { id, fading } of revised) if (fading !== undefined && !gone.has(id)) known.delete(id);
  return { notes: left, noted: known };
}

/** The notes without what only these runs had told. */
export function withoutRuns(notes: readonly Note[], runs: ReadonlySet<string>): readonly Note[] {
  return notes.flatMap((note) => {
    const left = note.runs.filter((run) => !runs.has(run));
    const taken = note.runs.length - left.length;
    if (taken === 0) return [note];
    const times = Math.max(left.length, note.times - taken);
    return times === 0 ? [] : [{ ...note, runs: left, times }];
  });
}

const NEEDED = { person: 2, agent: 1, observed: 3 } as const;
const NEEDED_TO_TELL = 3;

const DAY_MS = 86_400_000;
/** As long as a note may stay unused, from its last run to its end: what let it fade must not bring it back. */
const EVIDENCE_DAYS = 120;
const UNUSED_DAYS = 90;
const UNCONFIRMED_DAYS = 30;
const FADING_DAYS = 30;

/** A person may have put it otherwise since; the runs that it comes from stay with it. */
function isOf(note: Note, fact: Fact): boolean {
  if (isByHand(note) || note.by !== byOf(fact)) return false;
  const text = textOf(fact);
  if (isSameFact(note.text, text)) return true;
  return fact.some(({ run }) => note.runs.includes(run)) && isReworded(note.text, text);
}

function byOf([first]: Fact): Note['by'] {
  return first?.by ?? 'agent';
}

function textOf([first]: Fact): string {
  return first?.text ?? '';
}

function says(fact: Fact): (note: Note) => boolean {
  return ({ text }) => fact.some((one) => isSameFact(text, one.text));
}

function noteOf(fact: Fact): Note {
  const text = textOf(fact);
  const days = fact.map(({ at }) => dayOf(at)).sort();
  const runs = [...new Set(fact.map(({ run }) => run))];
  return {
    id: noteId(text),
    text,
    by: byOf(fact),
    confirmed: mayBeTold(fact),
    pinned: false,
    runs: runs.slice(0, MOST_RUNS),
    times: runs.length,
    ...(days[0] === undefined ? {} : { first: days[0] }),
    ...(days.at(-1) === undefined ? {} : { last: days.at(-1) ?? '' }),
  };
}

function mayBeTold(fact: Fact): boolean {
  if (byOf(fact) !== 'agent') return true;
  return independentRuns(fact) >= NEEDED_TO_TELL && fact.some(({ liked }: Evidence) => liked);
}

function confirmedBy(note: Note, fact: Fact): Note {
  const { first, last, runs, times } = noteOf(fact);
  const all = [...runs.filter((run) => !note.runs.includes(run)), ...note.runs];
  const before = [note.first, first].filter((day) => day !== undefined).sort()[0];
  const newest = [note.last, last]
    .filter((day) => day !== undefined)
    .sort()
    .at(-1);
  const { fading, ...kept } = note;
  const isBack = newest !== undefined && newest > (fading?.since ?? newest);
  return {
    ...kept,
    ...(fading === undefined || isBack ? {} : { fading }),
    confirmed: note.confirmed || mayBeTold(fact),
    runs: all.slice(0, MOST_RUNS),
    // Runs that are not listed any more were counted, too.
    times: Math.max(note.times, times, all.length),
    ...(before === undefined ? {} : { first: before }),
    ...(newest === undefined ? {} : { last: newest }),
  };
}

/** A person has said the opposite since, in a note or of a run. */
function isOpposed(note: Note, notes: readonly Note[], episodes: readonly Episode[]): boolean {
  const since = note.last ?? '';
  return (
    notes.some(
      (other) =>
        other.by === 'person' &&
        other.id !== note.id &&
        (isByHand(other) || (other.last ?? '') > since) &&
        isContradiction(note.text, other.text),
    ) ||
    episodes.some(
      ({ correction, at }) =>
        correction !== undefined && dayOf(at) > since && isContradiction(note.text, correction),
    )
  );
}

interface Age {
  readonly usage: Usage | undefined;
  readonly opposed: (note: Note) => boolean;
  readonly now: number;
}

function aged(note: Note, { usage, opposed, now }: Age): readonly Note[] {
  const { fading, ...kept } = note;
  if (note.pinned || isByHand(note)) return [kept];
  const why = fadingReason(note, usage, opposed(note), now);
  if (why === undefined) return [kept];
  const since = fading?.why === why ? fading.since : dayOf(now);
  if (daysSince(since, now) > FADING_DAYS) return [];
  const marked: Fading = { since, why };
  return [{ ...kept, fading: marked }];
}

function fadingReason(
  { last, confirmed }: Note,
  usage: Usage | undefined,
  isOpposedNow: boolean,
  now: number,
): Fading['why'] | undefined {
  if (isOpposedNow) return 'contradicted';
  const idle = Math.min(daysSince(last ?? dayOf(now), now), daysSince(dayOf(usage?.lastAt ?? 0), now));
  return idle > (confirmed ? UNUSED_DAYS : UNCONFIRMED_DAYS) ? 'unused' : undefined;
}

function daysSince(day: string, now: number): number {
  return (now - Date.parse(`${day}T00:00:00Z`)) / DAY_MS;
}
