import type { Table } from '@lancedb/lancedb';
import type { Chunk } from '../../../core/memory/index.ts';
import type { Opened } from './opened.ts';
import { addChunks, idsAmong, mergeChunks } from './chunk-table.ts';
import { countWordsIn, type FreshRows } from './fresh-rows.ts';
import { putFile, removeFile, type KnownFile } from './places/files.ts';
import { announce, piecesById, setState, unindexedAmong } from './places/pieces.ts';
import { inTransaction } from './places/transaction.ts';
import { hasVersion, putVersion } from './places/versions.ts';
import { countWords } from './places/words.ts';

/** A file as it is to stand in the index. */
export interface FileChange {
  readonly file: Omit<KnownFile, 'chunks'>;
  /** undefined where this content of this file is known already. */
  readonly chunks: readonly Chunk[] | undefined;
}

export interface Changes {
  readonly files: readonly FileChange[];
  readonly removed: readonly string[];
}

/**
 * Under the write lock. Rows are announced, added to the table, and made live in one transaction: a process that is killed
 * leaves the workspace as it was or as it is to be, and no row twice.
 */
export async function commit(
  { table, places }: Opened,
  { files, removed }: Changes,
  surroundings: { readonly fresh: FreshRows; readonly shared: boolean; readonly mostFresh: number },
): Promise<void> {
  const chunks = new Map(files.flatMap((one) => one.chunks ?? []).map((chunk) => [chunk.id, chunk]));
  const numbers = new Map(
    [...piecesById(places, [...chunks.keys()])].map(([id, { number }]) => [id, number]),
  );
  const added = [...chunks.values()].filter(({ id }) => !numbers.has(id));
  if (added.length > 0) {
    for (const [id, number] of inTransaction(places, () => announce(places, added))) numbers.set(id, number);
    if (surroundings.shared) await mergeChunks(table, await missingIn(table, added));
    else await addChunks(table, added);
  }
  const counted = countWordsIn(added);
  inTransaction(places, () => {
    setState(
      places,
      added.map(({ id }) => id),
      1,
    );
    if (added.length > 0) countWords(places, counted);
    for (const { file, chunks: found } of files) {
      if (found !== undefined) putVersion(places, file.path, file.hash, placed(found, numbers));
      // Collected since it was looked for: the file is read again by the next run.
      else if (!file.skipped && !hasVersion(places, file.path, file.hash)) continue;
      putFile(places, file);
    }
    for (const path of removed) removeFile(places, path);
  });
  // With those that a process added before it died: they are in the table, and its text index lacks them.
  const unindexed = new Set(unindexedAmong(places, [...chunks.keys()]));
  const lacking = [...chunks.values()].filter(({ id }) => unindexed.has(id));
  if (surroundings.fresh.size + lacking.length <= surroundings.mostFresh) surroundings.fresh.add(lacking);
}

/** In a shared table other machines may have put the same rows. Two that do so at once make a duplicate, which reading folds. */
async function missingIn(table: Table, chunks: readonly Chunk[]): Promise<Chunk[]> {
  const there = new Set(
    await idsAmong(
      table,
      chunks.map(({ id }) => id),
    ),
  );
  return chunks.filter(({ id }) => !there.has(id));
}

function placed(
  chunks: readonly Chunk[],
  numbers: ReadonlyMap<string, number>,
): { readonly number: number; readonly startLine: number; readonly endLine: number }[] {
  return chunks.flatMap(({ id, startLine, endLine }) => {
    const number = numbers.get(id);
    return number === undefined ? [] : [{ number, startLine, endLine }];
  });
}
