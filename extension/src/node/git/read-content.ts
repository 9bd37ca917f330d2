import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { BytePath } from './paths.ts';
import { absolute } from './paths.ts';

export type Content =
  | { readonly kind: 'content'; readonly bytes: Buffer; readonly mode: string; readonly found: Stats }
  /** It is there and may not be read. */
  | { readonly kind: 'closed' }
  /** It went away, or became something that is no file, since it was looked at. */
  | { readonly kind: 'gone' };

/** A file that is being written to is read this often in the hope of a moment in which it keeps still. */
const TRIES = 3;
/** A pipe that took the file's place must not hold us up, a symlink must not be followed. */
const FLAGS =
  constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK);

export function readContent(folder: string, path: BytePath, found: Stats): Content {
  try {
    if (!found.isSymbolicLink()) return readRegular(absolute(folder, path));
    const bytes = readlinkSync(absolute(folder, path), { encoding: 'buffer' });
    return { kind: 'content', bytes, mode: '120000', found };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return error.code === 'EACCES' || error.code === 'EPERM' ? { kind: 'closed' } : { kind: 'gone' };
  }
}

function readRegular(file: Buffer): Content {
  const handle = openSync(file, FLAGS);
  try {
    for (let tries = 1; ; tries += 1) {
      const before = fstatSync(handle);
      if (!before.isFile()) return { kind: 'gone' };
      const bytes = readFileSync(handle);
      const found = fstatSync(handle);
      const still = found.mtimeMs === before.mtimeMs && found.size === bytes.length;
      if (still || tries === TRIES) return { kind: 'content', bytes, mode: modeOf(found), found };
    }
  } finally {
    closeSync(handle);
  }
}

export function modeOf(found: Stats): string {
  if (found.isSymbolicLink()) return '120000';
  // Windows keeps no such bit.
  return process.platform !== 'win32' && found.mode & 0o100 ? '100755' : '100644';
}
