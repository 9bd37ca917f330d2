import type { DatabaseSync } from 'node:sqlite';
import { sha256 } from '../../core/orchestration/hash.ts';
import type { SecretFilter } from '../../core/redaction/index.ts';
import type { BlobId } from '../../protocol/run-event.ts';
import { blobIdsIn } from './blob-ids.ts';
import { blobDamaged } from './errors.ts';

export interface Blobs {
  put(text: string): BlobId;
  /** As it is: the events of a whole run that comes in name it by its hash. */
  putWhole(text: string): BlobId;
  /** Throws `blob-damaged`. */
  get(id: BlobId): string;
  /** Does a transaction that writes blobs. They wait on when it fails. */
  writing<T>(transaction: (write: WriteBlobs) => T): T;
}

/**
 * Writes the blobs that wait and are named by the texts, or by another one that is. Returns how many characters the log grew
 * by.
 */
export type WriteBlobs = (texts: readonly string[]) => number;

/**
 * A blob is committed together with the event that names it, and not before: a sweep for blobs that nothing names, in whatever
 * process, can never take one away in between. What no event ever names, such as the last part of a conversation, stays in memory.
 */
export function openBlobs(database: DatabaseSync, secrets?: SecretFilter): Blobs {
  const insert = database.prepare(
    'INSERT INTO blob (id, refs, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const select = database.prepare('SELECT text FROM blob WHERE id = ?');
  const waiting = new Map<BlobId, string>();

  const write = (texts: readonly string[], taken: Set<BlobId>): number => {
    if (waiting.size === 0) return 0;
    let grown = 0;
    const named = texts.flatMap(blobIdsIn);
    for (let id = named.pop(); id !== undefined; id = named.pop()) {
      const text = waiting.get(id);
      if (text === undefined || taken.has(id)) continue;
      taken.add(id);
      const refs = [...new Set(blobIdsIn(text))];
      if (insert.run(id, refs.join(' '), text).changes > 0) grown += text.length;
      named.push(...refs);
    }
    return grown;
  };

  const putWhole = (text: string): BlobId => {
    const id = sha256(text);
    waiting.set(id, text);
    return id;
  };

  return {
    put: (given) => {
      const text = secrets?.jsonText(given) ?? given;
      if (text !== given) {
        // From before it was known that there is a secret in it. Under another id what names it would not find it.
        const before = sha256(given);
        if (waiting.has(before) || select.get(before)) return before;
      }
      return putWhole(text);
    },
    putWhole,
    get: (id) => {
      const text = waiting.get(id);
      if (text !== undefined) return text;
      const row = select.get(id);
      if (!row) throw blobDamaged(id, 'missing');
      const kept = String(row['text']);
      if (sha256(kept) !== id) throw blobDamaged(id, 'altered');
      return kept;
    },
    writing: (transaction) => {
      const taken = new Set<BlobId>();
      const result = transaction((texts) => write(texts, taken));
      for (const id of taken) waiting.delete(id);
      return result;
    },
  };
}
