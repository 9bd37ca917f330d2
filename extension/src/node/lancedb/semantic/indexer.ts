import type { Table } from '@lancedb/lancedb';
import type { IndexProgress, IndexReport } from '../../../core/memory/index.ts';
import { indexedFiles, removeFiles, replaceFiles, type FileChunks } from './chunk-table.ts';
import { readContent } from './file-content.ts';
import { readManifest, stampOf, writeManifest, type ManifestEntry } from './manifest.ts';
import { compact } from '../store.ts';
import { walkFolder, type FoundFile } from './walk.ts';

export interface IndexOptions {
  readonly folder: string;
  readonly manifestFile: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: IndexProgress) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Brings the table up to date with the folder; the caller holds the write lock. The manifest is written after the
 * chunks it speaks of, and what it says is believed only where the table agrees, so a run that was killed anywhere is
 * made good by the next one.
 */
export async function indexFolder(table: Table, options: IndexOptions): Promise<IndexReport> {
  const { signal, now } = options;
  const walk = await walkFolder(options.folder, signal);
  const indexed = await indexedFiles(table);
  const manifest = await readManifest(options.manifestFile);
  const kept = new Map<string, ManifestEntry>();
  const batch = new Batch(table, new Set(indexed.keys()));
  const counts = { changed: 0, skipped: 0 };
  let saved = now();

  async function takeIn(file: FoundFile): Promise<void> {
    const known = manifest.get(file.path);
    const stored = indexed.get(file.path);
    const stamp = stampOf(file, now());
    if (known !== undefined && known.stamp === stamp && stamp !== '' && agree(known, stored)) {
      kept.set(file.path, known);
      return;
    }
    const content = await readContent(options.folder, file);
    if (content === undefined) return;
    const entry = { stamp, hash: content.hash, chunks: content.chunks.length, skipped: content.skipped };
    kept.set(file.path, entry);
    if (!entry.skipped && entry.hash !== (stored?.hash ?? known?.hash)) counts.changed++;
    if (agree(entry, stored)) return;
    // The same content in another number of rows: what two writers at once once left behind.
    const broken = stored?.hash === entry.hash;
    await batch.add({ path: file.path, hash: entry.hash, chunks: content.chunks }, broken, signal);
  }

  for (const [done, file] of walk.files.entries()) {
    signal.throwIfAborted();
    options.onProgress({ done, total: walk.files.length });
    await takeIn(file);
    if (kept.get(file.path)?.skipped === true) counts.skipped++;
    if (now() - saved < SAVE_MS) continue;
    await batch.write();
    await writeManifest(options.manifestFile, new Map([...manifest, ...kept]));
    saved = now();
  }
  await batch.write();

  const gone = [...indexed.keys()].filter((path) => (kept.get(path)?.chunks ?? 0) === 0);
  await removeFiles(
    table,
    gone.filter((path) => !kept.has(path)),
  );
  if (batch.written || gone.length > 0) await compact(table, now());
  await writeManifest(options.manifestFile, kept);
  options.onProgress({ done: walk.files.length, total: walk.files.length });
  return {
    files: [...kept.values()].filter((entry) => entry.chunks > 0).length,
    chunks: await table.countRows(),
    changed: counts.changed,
    removed: gone.length,
    skipped: counts.skipped,
    ...(walk.truncated ? { notes: [tooMany(walk.files.length)] } : {}),
  };
}

/** A killed run loses no more than the reading of this long. */
const SAVE_MS = 3_000;

/** Few commits make few versions; these bounds keep one commit below some 10 MB. */
const MOST_CHUNKS = 2_000;
const MOST_FILES = 500;

class Batch {
  written = false;
  readonly #table: Table;
  readonly #present: Set<string>;
  #files: FileChunks[] = [];
  #broken: string[] = [];
  #chunks = 0;

  /** `present`: the paths that have rows in the table. */
  constructor(table: Table, present: Set<string>) {
    this.#table = table;
    this.#present = present;
  }

  async add(file: FileChunks, broken: boolean, signal: AbortSignal): Promise<void> {
    this.#files.push(file);
    if (broken) this.#broken.push(file.path);
    this.#chunks += file.chunks.length;
    if (this.#files.length < MOST_FILES && this.#chunks < MOST_CHUNKS) return;
    signal.throwIfAborted();
    await this.write();
  }

  async write(): Promise<void> {
    if (this.#files.length === 0) return;
    await removeFiles(this.#table, this.#broken);
    for (const path of this.#broken) this.#present.delete(path);
    await replaceFiles(this.#table, this.#files, this.#present);
    this.written = true;
    this.#files = [];
    this.#broken = [];
    this.#chunks = 0;
  }
}

/** Whether the table holds what the entry says. */
function agree(
  entry: ManifestEntry,
  stored: { readonly hash: string; readonly chunks: number } | undefined,
): boolean {
  if (stored === undefined) return entry.chunks === 0;
  return stored.hash === entry.hash && stored.chunks === entry.chunks;
}

function tooMany(limit: number): string {
  return `Only the first ${String(limit)} files were indexed; leave folders out with a .strataignore file.`;
}
