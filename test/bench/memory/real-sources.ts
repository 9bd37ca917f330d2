import { createHash } from 'node:crypto';
import { copyFileSync, globSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Copies sources of the packages in a `node_modules` into a folder until they come to some so many chunks: code that
 * people wrote, without a download. The same files for the same packages, taken from all over them.
 */
export function copySources(packages: string, folder: string, chunks: number): void {
  const found = globSync('**/*.{js,mjs,cjs,ts,mts,cts}', { cwd: packages }).map((path) => ({
    path,
    order: createHash('sha256').update(path).digest('hex'),
  }));
  let left = chunks * BYTES_A_CHUNK;
  for (const { path } of found.sort((a, b) => (a.order < b.order ? -1 : 1))) {
    const from = join(packages, path);
    const stats = lstatSync(from);
    if (!stats.isFile() || stats.size > MOST_BYTES || stats.size > left) continue;
    // No ignore file may mean them.
    const to = join(
      folder,
      'packages',
      path.replaceAll('node_modules', 'modules').replaceAll('dist/', 'made/'),
    );
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
    left -= stats.size;
  }
}

/** Of the files below, as measured. */
const BYTES_A_CHUNK = 585;
const MOST_BYTES = 200_000;
