import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { FileVersion } from './changed-files.ts';
import { storageError } from './errors.ts';
import type { BytePath } from './paths.ts';

/**
 * What a file held when it was last read. While its stamp is still the same it need not be read again. Git's own index
 * compares whole seconds and so misses a change of equal size in the same second; this one does not.
 */
export interface KnownFile {
  readonly version: FileVersion;
  /** Undefined: to be read again whatever it looks like. */
  readonly stamp: Stamp | undefined;
}

export type Stamp = Pick<Stats, 'mtimeMs' | 'ctimeMs' | 'size' | 'ino' | 'mode'>;

export type KnownFiles = ReadonlyMap<BytePath, KnownFile>;

/** The clock that stamps files ticks every 10 ms at the coarsest on Linux; macOS and Windows are finer. */
const TICK_MS = 50;
/** FAT counts by two seconds, HFS+ by one: their stamps are whole seconds. */
const COARSE_TICK_MS = 2_500;

/** Undefined when the file changed so lately that a further change could leave the same stamp. */
export function stampOf(found: Stats, now: number): Stamp | undefined {
  const newest = Math.max(found.mtimeMs, found.ctimeMs);
  const tick = found.mtimeMs % 1_000 === 0 ? COARSE_TICK_MS : TICK_MS;
  if (newest > now - tick) return undefined;
  const { mtimeMs, ctimeMs, size, ino, mode } = found;
  return { mtimeMs, ctimeMs, size, ino, mode };
}

export function looksTheSame(stamp: Stamp | undefined, found: Stats): boolean {
  return (
    stamp !== undefined &&
    stamp.mtimeMs === found.mtimeMs &&
    stamp.ctimeMs === found.ctimeMs &&
    stamp.size === found.size &&
    stamp.ino === found.ino &&
    stamp.mode === found.mode
  );
}

/** A tree, and the stamps of the files that it was taken from. */
export interface TreeCache {
  readonly tree: string;
  readonly files: KnownFiles;
}

const HEADER = 'strata files 1';

/** Undefined when there is none, or when it is damaged: then all files are read again. */
export async function loadTreeCache(file: string): Promise<TreeCache | undefined> {
  const text = await readFile(file, 'latin1').catch(() => '');
  const end = text.lastIndexOf('\0', text.length - 2);
  const lines = text.slice(0, end + 1).split('\0');
  const [header, tree = ''] = (lines[0] ?? '').split('\t');
  if (header !== HEADER || text.slice(end + 1) !== `${checksum(text.slice(0, end + 1))}\0`) return undefined;
  const files = new Map<BytePath, KnownFile>();
  for (const line of lines.slice(1, -1)) {
    const tab = line.indexOf('\t');
    const [mode = '', blob = '', ...numbers] = line.slice(0, tab).split(' ');
    files.set(line.slice(tab + 1), { version: { mode, blob }, stamp: readStamp(numbers) });
  }
  return { tree, files };
}

export async function saveTreeCache(file: string, own: string, { tree, files }: TreeCache): Promise<void> {
  let text = `${HEADER}\t${tree}\0`;
  for (const [path, { version, stamp }] of files)
    text += `${version.mode} ${version.blob}${writtenStamp(stamp)}\t${path}\0`;
  const fresh = `${file}.${own}`;
  try {
    await writeFile(fresh, `${text}${checksum(text)}\0`, 'latin1');
    await rename(fresh, file);
  } catch (error) {
    throw storageError(file, error);
  }
}

function writtenStamp(stamp: Stamp | undefined): string {
  return stamp ? ` ${stamp.mtimeMs} ${stamp.ctimeMs} ${stamp.size} ${stamp.ino} ${stamp.mode}` : '';
}

function readStamp(numbers: readonly string[]): Stamp | undefined {
  if (numbers.length === 0) return undefined;
  const [mtimeMs = NaN, ctimeMs = NaN, size = NaN, ino = NaN, mode = NaN] = numbers.map(Number);
  return { mtimeMs, ctimeMs, size, ino, mode };
}

function checksum(text: string): string {
  return createHash('sha1').update(text, 'latin1').digest('hex');
}
