import type { Note } from '../../../core/memory/index.ts';
import { countWords } from './words.ts';

const BY: Readonly<Record<Note['by'], string>> = {
  person: 'said by a person',
  agent: 'by an agent',
  observed: 'observed',
};

/** Where a note comes from and how well it is proved, a few words each. What a person wrote by hand needs none. */
export function noteWords({ by, confirmed, pinned, fading, times }: Note): readonly string[] {
  return [
    ...(pinned ? ['pinned'] : []),
    ...(confirmed ? [] : ['not confirmed']),
    ...(fading ? ['fading'] : []),
    ...(by === 'person' && times === 0 ? [] : [BY[by]]),
    ...(times === 0 ? [] : [countWords(times, 'run')]),
  ];
}

export function fadingWords({ since, why }: NonNullable<Note['fading']>): string {
  const reason = why === 'unused' ? 'no run has needed it for long' : 'later runs contradict it';
  return `Fading since ${since}: ${reason}. Pin it to keep it.`;
}
