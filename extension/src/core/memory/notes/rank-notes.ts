import type { RecalledNote } from '../episodes/episode.ts';
import { meaningWords } from '../episodes/meaning-words.ts';
import { queryWords, wordsIn } from '../retrieval/reasons.ts';
import { splitWords } from '../retrieval/words.ts';
import type { Note } from './note.ts';

/** The notes that matter for a task: those that are pinned, then those that share its words. Nothing unconfirmed. */
export function rankNotes(query: string, notes: readonly Note[], limit: number): readonly RecalledNote[] {
  const asked = meaningWords(query);
  const words = queryWords(query).filter(({ written }) => meaningWords(written).size > 0);
  return notes
    .filter(({ confirmed, fading }) => confirmed && fading?.why !== 'contradicted')
    .map((note): RecalledNote => {
      const own = meaningWords(note.text);
      const shared = [...own].filter((word) => asked.has(word)).length;
      const part = shared / Math.max(1, Math.min(own.size, asked.size));
      return {
        kind: 'note',
        id: note.id,
        text: note.text,
        by: note.by,
        confirmed: note.confirmed,
        score: Math.round((part + (note.pinned ? 1 : 0)) * 1e4) / 1e4,
        why: {
          words: wordsIn(words, new Set(splitWords(note.text))),
          ...(note.pinned ? { pinned: true } : {}),
        },
      };
    })
    .filter(({ score }) => score >= LEAST_SHARED)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, limit);
}

/** Of the words of whichever says less. */
const LEAST_SHARED = 0.2;
