import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';

/**
 * A path relative to a folder, separated by `/`, one character per byte. File names are bytes and need not be UTF-8, so
 * they are only decoded to be shown.
 */
export type BytePath = string;

const PLAIN = /^[\x20-\x7e]*$/;

export function splitPaths(output: Buffer): BytePath[] {
  const paths = output.toString('latin1').split('\0');
  paths.pop();
  return paths;
}

export function joinPaths(paths: Iterable<BytePath>): Buffer {
  let text = '';
  for (const path of paths) text += path + '\0';
  return Buffer.from(text, 'latin1');
}

export function absolute(folder: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
}

export function shown(path: BytePath): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}

export function bytesOf(path: string): BytePath {
  return Buffer.from(path, 'utf8').toString('latin1');
}

export function parentOf(path: BytePath): BytePath | undefined {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? undefined : path.slice(0, slash);
}

export function statOf(folder: string, path: BytePath): Stats | undefined {
  try {
    // Names are nearly always plain; for those a string saves two buffers a call.
    const file = PLAIN.test(path) ? `${folder}/${path}` : absolute(folder, path);
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    // ENOTDIR: a parent is a file by now. ELOOP, EACCES, ENAMETOOLONG: nothing that could be read in.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/** Whether every folder above a path is a real one: a symlink among them would lead out of the folder. */
export function realParents(folder: string): (path: BytePath) => boolean {
  const known = new Map<BytePath, boolean>();
  const isReal = (directory: BytePath | undefined): boolean => {
    if (directory === undefined) return true;
    let real = known.get(directory);
    if (real === undefined) {
      real = isReal(parentOf(directory)) && (statOf(folder, directory)?.isDirectory() ?? false);
      known.set(directory, real);
    }
    return real;
  };
  return (path) => isReal(parentOf(path));
}
