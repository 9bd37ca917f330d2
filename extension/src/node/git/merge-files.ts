import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileVersion } from './changed-files.ts';
import { storageError } from './errors.ts';
import { gitAnswer } from './git-command.ts';
import type { BytePath } from './paths.ts';
import { blobSizes, readBlobs } from './read-blobs.ts';
import type { Shadow } from './shadow-repository.ts';

/** A file that both sides changed, and not in the same way. */
export interface Sides {
  readonly path: BytePath;
  readonly base: FileVersion | undefined;
  readonly ours: FileVersion | undefined;
  readonly theirs: FileVersion | undefined;
}

export type Clash =
  'same-lines' | 'added-twice' | 'deleted-by-us' | 'deleted-by-them' | 'binary' | 'too-large' | 'other-kind';

export type MergedFile =
  | { readonly kind: 'merged'; readonly version: FileVersion }
  | {
      readonly kind: 'clash';
      readonly clash: Clash;
      /** The text with conflict markers, as a blob, where both sides are text. */
      readonly marked?: FileVersion;
    };

export interface MergeLabels {
  readonly ours: string;
  readonly theirs: string;
}

/** Beyond this a merge line by line takes git seconds a file, and nobody would read its conflicts. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;
/** Files whose three sides are held in memory at once. */
const CHUNK = 20;
const AT_ONCE = 4;
/** Git's own rule for what is binary: a zero byte among the first 8,000. */
const BINARY_PROBE = 8_000;

/** Merges file by file: contents line by line, executable bits by themselves. The results are kept as blobs. */
export async function mergeFiles(
  shadow: Shadow,
  files: readonly Sides[],
  labels: MergeLabels,
  signal: AbortSignal,
): Promise<ReadonlyMap<BytePath, MergedFile>> {
  const outcome = new Map<BytePath, MergedFile>();
  const texts: Both[] = [];
  for (const sides of files) {
    const early = withoutReading(sides);
    if (early) outcome.set(sides.path, early);
    else if (sides.ours && sides.theirs)
      texts.push({ ...sides, ours: sides.ours, theirs: sides.theirs, mode: mergedMode(sides) });
  }
  if (texts.length === 0) return outcome;
  const sizes = await blobSizes(shadow, texts.flatMap(blobsOf), signal);
  const small = texts.filter((sides) => {
    if (blobsOf(sides).every((blob) => (sizes.get(blob) ?? 0) <= MAX_TEXT_BYTES)) return true;
    outcome.set(sides.path, { kind: 'clash', clash: 'too-large' });
    return false;
  });
  for (let from = 0; from < small.length; from += CHUNK) {
    for (const [path, merged] of await mergeTexts(shadow, small.slice(from, from + CHUNK), labels, signal))
      outcome.set(path, merged);
  }
  return outcome;
}

interface Both extends Sides {
  readonly ours: FileVersion;
  readonly theirs: FileVersion;
  readonly mode: string;
}

function withoutReading({ base, ours, theirs, ...rest }: Sides): MergedFile | undefined {
  if (!ours) return { kind: 'clash', clash: 'deleted-by-us' };
  if (!theirs) return { kind: 'clash', clash: 'deleted-by-them' };
  const all = [base, ours, theirs].filter((version) => version !== undefined);
  const links = all.filter(({ mode }) => mode === '120000').length;
  if (links > 0 && links < all.length) return { kind: 'clash', clash: 'other-kind' };
  const mode = mergedMode({ base, ours, theirs, ...rest });
  if (ours.blob === theirs.blob || theirs.blob === base?.blob)
    return { kind: 'merged', version: { mode, blob: ours.blob } };
  if (ours.blob === base?.blob) return { kind: 'merged', version: { mode, blob: theirs.blob } };
  return links > 0 ? { kind: 'clash', clash: 'binary' } : undefined;
}

function mergedMode({ base, ours, theirs }: Sides): string {
  const own = ours?.mode ?? '100644';
  return own === base?.mode ? (theirs?.mode ?? own) : own;
}

function blobsOf({ base, ours, theirs }: Both): string[] {
  return [...(base ? [base.blob] : []), ours.blob, theirs.blob];
}

async function mergeTexts(
  shadow: Shadow,
  files: readonly Both[],
  labels: MergeLabels,
  signal: AbortSignal,
): Promise<[BytePath, MergedFile][]> {
  const contents = await readBlobs(shadow, files.flatMap(blobsOf), signal);
  const folder = await mkdtemp(join(shadow.stateDir, 'merge-'));
  try {
    const merged = await inParallel(files, async (sides, index) => {
      const texts = [sides.ours, sides.base, sides.theirs].map((version) =>
        version ? contents.get(version.blob) : Buffer.alloc(0),
      );
      if (texts.some((text) => text === undefined || isBinary(text))) return undefined;
      const names = ['ours', 'base', 'theirs'].map((side) => join(folder, `${index}.${side}`));
      await Promise.all(names.map((name, i) => writeFile(name, texts[i] ?? '')));
      const args = ['merge-file', '-p', '-L', labels.ours, '-L', 'base', '-L', labels.theirs, ...names];
      // The exit code is the number of conflicts; 255 means that git could not merge at all.
      const { code, output } = await gitAnswer(args, { cwd: folder, signal }, (exit) => exit <= 127);
      const file = join(folder, `${index}.merged`);
      await writeFile(file, output);
      return { clean: code === 0 && sides.base !== undefined, file };
    });
    const results = merged.filter((result) => result !== undefined);
    const blobs = await keepFiles(
      shadow,
      results.map(({ file }) => file),
      signal,
    );
    const blobOf = new Map(results.map((result, index) => [result, blobs[index] ?? '']));
    return files.map(({ path, mode, base }, index) => {
      const result = merged[index];
      if (!result) return [path, { kind: 'clash', clash: 'binary' }];
      const version = { mode, blob: blobOf.get(result) ?? '' };
      if (result.clean) return [path, { kind: 'merged', version }];
      return [path, { kind: 'clash', clash: base ? 'same-lines' : 'added-twice', marked: version }];
    });
  } catch (error) {
    throw storageError(shadow.stateDir, error);
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function keepFiles(
  shadow: Shadow,
  files: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (files.length === 0) return [];
  const input = Buffer.from(files.map((file) => `${file}\n`).join(''));
  const ids = await shadow.git(['hash-object', '-w', '--no-filters', '--stdin-paths'], { input, signal });
  return ids.toString('utf8').split('\n');
}

function isBinary(text: Buffer): boolean {
  return text.subarray(0, BINARY_PROBE).includes(0);
}

async function inParallel<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
