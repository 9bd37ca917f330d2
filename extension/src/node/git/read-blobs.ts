import { bytesOf, shown, splitPaths } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';

/** Sizes in bytes. A blob that the repository does not hold is left out. */
export async function blobSizes(
  shadow: Shadow,
  blobs: Iterable<string>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const input = Buffer.from([...new Set(blobs)].map((blob) => `${blob}\n`).join(''));
  const answer = await shadow.git(['cat-file', '--batch-check=%(objectname) %(objectsize)'], {
    input,
    signal,
  });
  const sizes = new Map<string, number>();
  for (const line of answer.toString('latin1').split('\n')) {
    const [blob = '', size = ''] = line.split(' ');
    if (/^\d+$/.test(size)) sizes.set(blob, Number(size));
  }
  return sizes;
}

/** The contents, in one call. A blob that the repository does not hold is left out. */
export async function readBlobs(
  shadow: Shadow,
  blobs: Iterable<string>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, Buffer>> {
  const input = Buffer.from([...new Set(blobs)].map((blob) => `${blob}\n`).join(''));
  const answer = await shadow.git(['cat-file', '--batch'], { input, signal });
  const contents = new Map<string, Buffer>();
  for (let at = 0; at < answer.length;) {
    const end = answer.indexOf(0x0a, at);
    const [blob = '', , size = ''] = answer.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (!/^\d+$/.test(size)) continue;
    contents.set(blob, answer.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  return contents;
}

/** Undefined when the tree has no file of that name. A name that is no UTF-8 is found by how it is shown. */
export async function readTreeFile(
  shadow: Shadow,
  tree: string,
  path: string,
  signal?: AbortSignal,
): Promise<Buffer | undefined> {
  const entries = splitPaths(await shadow.git(['ls-tree', '-r', '-z', tree], { signal })).map((entry) => {
    const tab = entry.indexOf('\t');
    return { name: entry.slice(tab + 1), blob: entry.slice(0, tab).split(' ')[2] ?? '' };
  });
  const exact = bytesOf(path);
  const found =
    entries.find(({ name }) => name === exact) ?? entries.find(({ name }) => shown(name) === path);
  return found && (await readBlobs(shadow, [found.blob], signal)).get(found.blob);
}
