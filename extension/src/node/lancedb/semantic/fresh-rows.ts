import { fullTextQuery } from '../../../core/memory/index.ts';
import type { ChunkRow, FoundRow } from './chunk-table.ts';

/** A row as it was added, while the text index of the table does not have it. */
export interface FreshRow extends ChunkRow {
  readonly derived: string;
}

/** What is known of all rows, to score some of them by. */
export interface Corpus {
  /** Rows, and words in all of them together. */
  readonly rows: number;
  readonly words: number;
  rowsWith(word: string): number;
}

/**
 * Full text over the rows that were added last. Bringing LanceDB's own text index up to date takes seconds where it is
 * large, and LanceDB 0.31 scores rows that are not in it by how often a word stands in them, so that common words count
 * below zero. The score is the one that LanceDB computes (BM25), over the same words, so that both can be compared.
 */
export class FreshRows {
  readonly #rows = new Map<string, Fresh>();
  readonly #with = new Map<string, Set<string>>();

  get size(): number {
    return this.#rows.size;
  }

  has(id: string): boolean {
    return this.#rows.has(id);
  }

  add(rows: readonly FreshRow[]): void {
    for (const { derived, ...row } of rows) {
      const { id } = row;
      if (this.#rows.has(id)) continue;
      const indexed = { ...indexedOf(derived), row };
      this.#rows.set(id, indexed);
      for (const word of indexed.counts.keys()) {
        const ids = this.#with.get(word);
        if (ids === undefined) this.#with.set(word, new Set([id]));
        else ids.add(id);
      }
    }
  }

  remove(ids: Iterable<string>): void {
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row === undefined) continue;
      this.#rows.delete(id);
      for (const word of row.counts.keys()) {
        const others = this.#with.get(word);
        others?.delete(id);
        if (others?.size === 0) this.#with.delete(word);
      }
    }
  }

  ids(): string[] {
    return [...this.#rows.keys()];
  }

  /** The best of those that fit, best first. */
  search(query: string, corpus: Corpus, limit: number, fits: (path: string) => boolean): FoundRow[] {
    const scores = new Map<Fresh, number>();
    const average = corpus.rows === 0 ? 1 : Math.max(corpus.words / corpus.rows, 1);
    for (const word of (fullTextQuery(query) ?? '').split(' ')) {
      const ids = this.#with.get(word);
      if (ids === undefined) continue;
      const weight = inverseFrequency(Math.max(corpus.rowsWith(word), ids.size), corpus.rows);
      for (const id of ids) {
        const row = this.#rows.get(id);
        if (row === undefined || !fits(row.row.path)) continue;
        const count = row.counts.get(word) ?? 0;
        const length = 1 - B + (B * row.length) / average;
        const score = (weight * (count * (K1 + 1))) / (count + K1 * length);
        scores.set(row, (scores.get(row) ?? 0) + score);
      }
    }
    return [...scores]
      .map(([{ row }, score]) => ({ ...row, score }))
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }
}

interface Indexed {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

interface Fresh extends Indexed {
  readonly row: ChunkRow;
}

/** In how many of these rows each word stands, and how many words they have. */
export function countWordsIn(rows: readonly { readonly derived: string }[]): {
  readonly rows: number;
  readonly words: number;
  readonly rowsWith: ReadonlyMap<string, number>;
} {
  const rowsWith = new Map<string, number>();
  let words = 0;
  for (const { derived } of rows) {
    const { counts, length } = indexedOf(derived);
    words += length;
    for (const word of counts.keys()) rowsWith.set(word, (rowsWith.get(word) ?? 0) + 1);
  }
  return { rows: rows.length, words, rowsWith };
}

/** A derived text is words already, without their endings. */
function indexedOf(derived: string): Indexed {
  const counts = new Map<string, number>();
  const words = derived.split(' ');
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return { counts, length: words.length };
}

function inverseFrequency(rowsWith: number, rows: number): number {
  const all = Math.max(rows, rowsWith);
  return Math.log((all - rowsWith + 0.5) / (rowsWith + 0.5) + 1);
}

// As LanceDB has them.
const [K1, B] = [1.2, 0.75];
