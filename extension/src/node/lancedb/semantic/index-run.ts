import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chunk, IndexProgress, IndexReport } from '../../../core/memory/index.ts';
import { IGNORE_FILES } from '../../../core/memory/index.ts';
import type { WriteOptions } from '../store.ts';
import { withWriteLock } from '../write-lock.ts';
import type { ChunkStore } from './chunk-store.ts';
import { commit, type Changes } from './commit.ts';
import type { FreshRows } from './fresh-rows.ts';
import type { Gate } from './gate.ts';
import { takeIn, type TakenIn } from './indexer.ts';
import { allFiles, fileAt, liveCounts, pathsAt, type KnownFile } from './places/files.ts';
import { hasVersion, versionKey, versionKeys } from './places/versions.ts';
import { putMeta } from './places/words.ts';
import { MOST_FRESH } from './upkeep.ts';
import { MOST_FILES, walkFolder, walkPaths, type FoundFile, type Walk } from './walk.ts';

export interface IndexParts {
  readonly folder: string;
  readonly storageDir: string;
  readonly lockWaitMs: number;
  readonly store: ChunkStore;
  readonly fresh: FreshRows;
  readonly gate: Gate;
  cut(path: string, text: string): Promise<readonly Chunk[]>;
  /** Something was written. */
  written(signal: AbortSignal): Promise<void>;
  /** All was written that was to be. */
  ended(signal: AbortSignal): Promise<void>;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: IndexProgress) => void;
}

/** Brings the index up to date with the whole folder. Only one process at a time does so. */
export async function indexFolder(parts: IndexParts, options: RunOptions): Promise<IndexReport> {
  const { store } = parts;
  const writing = writeOptions(parts, 'indexing', options.signal);
  // Makes the store, or says why it cannot be made, before anything is read.
  await store.write(writing, () => Promise.resolve());
  await mkdir(parts.storageDir, { recursive: true });
  return await withWriteLock(join(parts.storageDir, 'indexing.lock'), writing, async () => {
    const known = await store.read(({ places }) =>
      Promise.resolve({ files: allFiles(places), versions: versionKeys(places) }),
    );
    // Later than what is known: a file that is made and taken in by an update in between would count as gone.
    const walk = await walkFolder(parts.folder, options.signal, foundSoFar(options));
    const files = known?.files ?? new Map<string, KnownFile>();
    const isKnown = (path: string, hash: string): boolean =>
      known?.versions.has(versionKey(path, hash)) ?? false;
    const taken = await take(parts, walk.files, files, isKnown, options, writing);
    const removed = goneOf(files.values(), walk, taken);
    await write(parts, writing, { files: [], removed: removed.map(({ path }) => path) }, true);
    await parts.ended(options.signal);
    return await reportOf(parts, taken, removed, walk);
  });
}

/** The same for some files and folders: those that were changed, made, renamed or removed. */
export async function updatePaths(
  parts: IndexParts,
  given: readonly string[],
  options: RunOptions,
): Promise<IndexReport> {
  const paths = insidePaths(given);
  if (paths.length > MANY_PATHS || paths.some(changesRules)) return await indexFolder(parts, options);
  const writing = writeOptions(parts, 'updating', options.signal);
  // Before the walk, as above.
  const named = await parts.store.read(({ places }) =>
    Promise.resolve(
      paths.flatMap((path) => (path === '' ? [...allFiles(places).keys()] : pathsAt(places, path))),
    ),
  );
  const walk = await walkPaths(parts.folder, paths, options.signal, foundSoFar(options));
  const known = await parts.store.read(({ places }) => {
    const touched = new Set([...(named ?? []), ...walk.files.map(({ path }) => path)]);
    const files = [...touched].flatMap((path) => fileAt(places, path) ?? []);
    return Promise.resolve({
      files: new Map(files.map((file) => [file.path, file])),
      room: MOST_FILES - liveCounts(places).files,
    });
  });
  const files = known?.files ?? new Map<string, KnownFile>();
  const found = walk.files.filter(({ path }, at) => files.has(path) || at < (known?.room ?? MOST_FILES));
  // By what is open then: a write that begins meanwhile may have closed what was read from here.
  const isKnown = (path: string, hash: string): boolean => {
    const places = parts.store.peek()?.places;
    return places !== undefined && hasVersion(places, path, hash);
  };
  const taken = await take(parts, found, files, isKnown, options, writing);
  const removed = goneOf(files.values(), walk, taken);
  if (removed.length > 0)
    await write(parts, writing, { files: [], removed: removed.map(({ path }) => path) }, false);
  await parts.ended(options.signal);
  return await reportOf(parts, taken, removed, walk);
}

/** So many paths are looked for faster by a walk of the folder. */
const MANY_PATHS = 2_000;

/** A walk that takes long is a sign of life too. */
function foundSoFar({ onProgress }: RunOptions): (files: number) => void {
  return (files) => onProgress({ done: 0, total: files });
}

function take(
  parts: IndexParts,
  files: readonly FoundFile[],
  known: ReadonlyMap<string, KnownFile>,
  isKnown: (path: string, hash: string) => boolean,
  { signal, onProgress }: RunOptions,
  writing: WriteOptions,
): Promise<TakenIn> {
  return takeIn(files, {
    folder: parts.folder,
    known,
    hasVersion: isKnown,
    cut: parts.cut,
    write: async (changed) => {
      await write(parts, writing, { files: changed, removed: [] }, false);
      if (files.length > changed.length) await parts.written(signal);
    },
    gate: (stop) => parts.gate.pass(stop, () => onProgress({ done: 0, total: files.length })),
    now: parts.now,
    signal,
    onProgress,
  });
}

async function write(
  { store, fresh, now }: IndexParts,
  writing: WriteOptions,
  changes: Changes,
  isWhole: boolean,
): Promise<void> {
  await store.write(writing, async (opened) => {
    await commit(opened, changes, { fresh, shared: store.shared !== undefined, mostFresh: MOST_FRESH });
    if (isWhole) putMeta(opened.places, 'indexedAt', now());
  });
}

/** Files that are known and were not found. */
function goneOf(known: Iterable<KnownFile>, walk: Walk, { vanished }: TakenIn): KnownFile[] {
  const found = new Set(walk.files.map(({ path }) => path));
  for (const path of vanished) found.delete(path);
  return [...known].filter(({ path }) => !found.has(path));
}

async function reportOf(
  { store }: IndexParts,
  taken: TakenIn,
  removed: readonly KnownFile[],
  walk: Walk,
): Promise<IndexReport> {
  const counts = await store.read(({ places }) => Promise.resolve(liveCounts(places)));
  const notes = [...store.notes(), ...(walk.truncated ? [tooMany(MOST_FILES)] : [])];
  return {
    files: counts?.files ?? 0,
    chunks: counts?.chunks ?? 0,
    changed: taken.changed,
    removed: taken.emptied + removed.filter(({ chunks }) => chunks > 0).length,
    skipped: taken.skipped,
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function writeOptions({ lockWaitMs }: IndexParts, what: string, signal: AbortSignal): WriteOptions {
  return { waitMs: lockWaitMs, what, signal };
}

/** Relative to the folder, with `/`; what lies outside of it is none of ours. */
function insidePaths(given: readonly string[]): string[] {
  const plain = given.map((path) =>
    (process.platform === 'win32' ? path.replaceAll('\\', '/') : path)
      .replace(/^(?:\.\/)+/, '')
      .replace(/\/+$/, ''),
  );
  return [...new Set(plain.map((path) => (path === '.' ? '' : path)))].filter(
    (path) => !path.startsWith('/') && !/^[A-Za-z]:\//.test(path) && !path.split('/').includes('..'),
  );
}

function changesRules(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return IGNORE_FILES.some((one) => one === name) || path === '.git/info/exclude';
}

function tooMany(limit: number): string {
  return `Only the first ${String(limit)} files were indexed; leave folders out with a .strataignore file.`;
}
