import type { Chunk, IndexProgress } from '../../../core/memory/index.ts';
import type { FileChange } from './commit.ts';
import { readContent } from './file-content.ts';
import type { KnownFile } from './places/files.ts';
import { stampOf } from './stamp.ts';
import type { FoundFile } from './walk.ts';

export interface TakeIn {
  readonly folder: string;
  /** As the places have them. */
  readonly known: ReadonlyMap<string, KnownFile>;
  /** Whether this content of this file was indexed before, in another branch perhaps. */
  hasVersion(path: string, hash: string): boolean;
  cut(path: string, text: string): Promise<readonly Chunk[]>;
  write(files: readonly FileChange[]): Promise<void>;
  /** Passes when nobody has asked for a pause. */
  gate(signal: AbortSignal): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: IndexProgress) => void;
}

export interface TakenIn {
  /** Files whose content is another one than before. */
  readonly changed: number;
  readonly skipped: number;
  /** Files that had chunks and have none any more. */
  readonly emptied: number;
  /** Paths that have vanished since they were found. */
  readonly vanished: readonly string[];
}

/** Reads those of the files that are not as they were, and writes them in batches; each of them can be searched from then on. */
export async function takeIn(files: readonly FoundFile[], options: TakeIn): Promise<TakenIn> {
  const { signal, known } = options;
  const batch = new Batch(options);
  const vanished: string[] = [];
  const counts = { changed: 0, skipped: 0, emptied: 0 };

  async function read(file: FoundFile): Promise<FileChange | 'same' | 'vanished'> {
    const before = known.get(file.path);
    const stamp = stampOf(file, options.now());
    if (before !== undefined && stamp !== '' && before.stamp === stamp) return 'same';
    const content = await readContent(options.folder, file);
    if (content === undefined) return 'vanished';
    const { hash, text, skipped } = content;
    const entry = { path: file.path, stamp, hash, mtime: file.mtimeMs, skipped };
    if (before?.hash === hash && before.skipped === skipped && before.stamp === stamp) return 'same';
    const isKnown = text === undefined ? hash === '' : options.hasVersion(file.path, hash);
    if (isKnown) return { file: entry, chunks: undefined };
    const isEmpty = text === undefined || text.trim() === '';
    return { file: entry, chunks: isEmpty ? [] : await options.cut(file.path, text) };
  }

  function count(file: FoundFile, change: FileChange | 'same'): void {
    const before = known.get(file.path);
    if (change === 'same') {
      if (before?.skipped === true) counts.skipped++;
      return;
    }
    if (change.file.skipped) counts.skipped++;
    else if (change.file.hash !== before?.hash) counts.changed++;
    const isEmptied = change.file.skipped || change.chunks?.length === 0;
    if (before !== undefined && before.chunks > 0 && isEmptied) counts.emptied++;
  }

  const ahead: Promise<FileChange | 'same' | 'vanished'>[] = [];
  for (let at = 0; at < files.length; at++) {
    signal.throwIfAborted();
    await options.gate(signal);
    while (ahead.length < AHEAD && at + ahead.length < files.length) {
      const next = files[at + ahead.length];
      if (next === undefined) break;
      const reading = read(next);
      reading.catch(() => undefined); // It is awaited in its turn.
      ahead.push(reading);
    }
    const [file, change] = [files[at], await ahead.shift()];
    options.onProgress({ done: at, total: files.length });
    if (file === undefined || change === undefined) continue;
    if (change === 'vanished') {
      vanished.push(file.path);
      continue;
    }
    count(file, change);
    if (change !== 'same') await batch.add(change);
  }
  await batch.write();
  options.onProgress({ done: files.length, total: files.length });
  return { ...counts, vanished };
}

/** So many files are being read and cut while one is taken in. */
const AHEAD = 12;

/** Few commits make few versions; these bounds keep one commit below some 10 MB. */
const MOST_CHUNKS = 2_000;
const MOST_FILES = 1_000;
/** A killed run loses no more than the reading of this long, and what was read can be searched after so long. */
const MOST_MS = 3_000;

class Batch {
  readonly #options: Pick<TakeIn, 'write' | 'now'>;
  #files: FileChange[] = [];
  #chunks = 0;
  #since: number;

  constructor(options: Pick<TakeIn, 'write' | 'now'>) {
    this.#options = options;
    this.#since = options.now();
  }

  async add(change: FileChange): Promise<void> {
    this.#files.push(change);
    this.#chunks += change.chunks?.length ?? 0;
    const old = Math.abs(this.#options.now() - this.#since) > MOST_MS;
    if (this.#files.length >= MOST_FILES || this.#chunks >= MOST_CHUNKS || old) await this.write();
  }

  async write(): Promise<void> {
    const files = this.#files;
    [this.#files, this.#chunks] = [[], 0];
    if (files.length > 0) await this.#options.write(files);
    this.#since = this.#options.now();
  }
}
