import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asFailure } from './paths.ts';
import { ToolFailure } from '../../tool.ts';

export const maxReadBytes = 16 * 1024 * 1024;

/** Reads a regular file without following a link that took its place, and without waiting on a pipe. */
export async function readBytes(real: string, path: string): Promise<Buffer> {
  const file = await open(real, constants.O_RDONLY | noFollow | nonBlocking).catch((error: unknown) => {
    throw asFailure(error, path);
  });
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw new ToolFailure(`"${path}" is a folder; use \`list\`.`);
    if (!stat.isFile()) throw new ToolFailure(`"${path}" is not a regular file.`);
    if (stat.size > maxReadBytes)
      throw new ToolFailure(`"${path}" has ${stat.size} bytes; the limit is ${maxReadBytes}.`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

export async function readText(real: string, path: string): Promise<string> {
  const bytes = await readBytes(real, path);
  if (bytes.subarray(0, 8000).includes(0))
    throw new ToolFailure(`"${path}" is a binary file of ${bytes.length} bytes.`);
  return bytes.toString('utf8');
}

export interface WriteOptions {
  /** Something that is there already is an error. */
  readonly mustBeNew?: boolean;
  /** Of a file that is created. */
  readonly mode?: number;
}

/** Replaces or creates a file and the folders above it. Written in place, so that its mode and its links stay. */
export async function writeText(
  real: string,
  path: string,
  text: string | Buffer,
  { mustBeNew = false, mode = 0o644 }: WriteOptions = {},
): Promise<void> {
  try {
    await mkdir(dirname(real), { recursive: true });
    const how = mustBeNew ? constants.O_EXCL : constants.O_TRUNC;
    const flags = constants.O_WRONLY | constants.O_CREAT | how | noFollow | nonBlocking;
    const file = await open(real, flags, mode);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asFailure(error, path);
  }
}

// Windows has neither, whatever the typings say; there the read-only variant runs, and links need a privilege.
const known: Readonly<Record<string, number | undefined>> = constants;
const noFollow = known['O_NOFOLLOW'] ?? 0;
const nonBlocking = known['O_NONBLOCK'] ?? 0;
