import { MOST_RUNS, type Fading, type Note } from './note.ts';

export type Provenance = Pick<
  Note,
  'by' | 'confirmed' | 'pinned' | 'fading' | 'runs' | 'times' | 'first' | 'last'
>;

/** What an item has that says nothing of where it comes from: a person wrote it. */
export const BY_HAND: Provenance = { by: 'person', confirmed: true, pinned: false, runs: [], times: 0 };

/** In words, for the comment behind a note; undefined where there is nothing to say. */
export function provenanceText(note: Provenance): string | undefined {
  const { by, confirmed, pinned, fading, runs, times, first, last } = note;
  const parts = [
    ...(runs.length === 0 && first === undefined && by === 'person' ? [] : [sourceWords(by, confirmed)]),
    ...(first === undefined ? [] : [last === undefined || last === first ? first : `${first} to ${last}`]),
    ...(times === 0 ? [] : [times === 1 ? 'once' : `${times} times`]),
    ...(runs.length === 0 ? [] : [`in ${runs.slice(0, MOST_RUNS).join(', ')}`]),
    ...(pinned ? ['pinned'] : []),
    ...(fading === undefined ? [] : [`fading since ${fading.since}, ${fading.why}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(SEPARATOR);
}

/** Undefined for a comment that is no provenance, or says something that is not known: it then stays as it is. */
export function readProvenance(text: string): Provenance | undefined {
  let found: Provenance = BY_HAND;
  for (const part of text.trim().split(SEPARATOR)) {
    const read = readPart(part.trim());
    if (read === undefined) return undefined;
    found = { ...found, ...read };
  }
  return found;
}

function sourceWords(by: Note['by'], confirmed: boolean): string {
  if (by === 'agent') return confirmed ? 'by an agent, confirmed' : 'by an agent, unconfirmed';
  return by === 'person' ? 'said by a person' : 'observed';
}

function readPart(part: string): Partial<Provenance> | undefined {
  switch (part) {
    case 'said by a person':
      return { by: 'person' };
    case 'by an agent, confirmed':
      return { by: 'agent' };
    case 'by an agent, unconfirmed':
      return { by: 'agent', confirmed: false };
    case 'observed':
      return { by: 'observed' };
    case 'pinned':
      return { pinned: true };
    case 'once':
      return { times: 1 };
    default:
      return readTimes(part) ?? readDays(part) ?? readRuns(part) ?? readFading(part);
  }
}

function readTimes(part: string): Partial<Provenance> | undefined {
  const times = /^(\d{1,6}) times$/.exec(part)?.[1];
  return times === undefined ? undefined : { times: Number(times) };
}

function readDays(part: string): Partial<Provenance> | undefined {
  const [, first, last] = /^(\d{4}-\d\d-\d\d)(?: to (\d{4}-\d\d-\d\d))?$/.exec(part) ?? [];
  return first === undefined ? undefined : { first, last: last ?? first };
}

function readRuns(part: string): Partial<Provenance> | undefined {
  const runs = /^in (r-[\w-]+(?:, r-[\w-]+)*)$/.exec(part)?.[1];
  return runs === undefined ? undefined : { runs: runs.split(', ') };
}

function readFading(part: string): Partial<Provenance> | undefined {
  const [, since, why] = /^fading since (\d{4}-\d\d-\d\d), (unused|contradicted)$/.exec(part) ?? [];
  if (since === undefined) return undefined;
  const fading: Fading = { since, why: why === 'unused' ? 'unused' : 'contradicted' };
  return { fading };
}

const SEPARATOR = ' · ';
