import { lstat, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../lancedb/atomic-file.ts';
import { notesUnreadable, notesUnwritable } from './errors.ts';

/** The text of the notes, or undefined where there are none. Throws `notes-unreadable` for what is no plain file. */
export async function readNotesFile(file: string): Promise<string | undefined> {
  try {
    const found = await lstat(file);
    if (!found.isFile()) throw new Error('it is no plain file');
    if (found.size > LARGEST) throw new Error(`it is larger than ${String(LARGEST / 1024)} KB`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw notesUnreadable(file, error);
  }
}

/**
 * Writes the notes as a whole, unless the file is not what was read any more: a person is writing, and goes first. Never
 * through a link, which could lead out of the folder. Tells whether it was written.
 */
export async function writeNotesFile(
  file: string,
  before: string | undefined,
  text: string,
): Promise<boolean> {
  try {
    const folder = path.dirname(file);
    await mkdir(folder, { recursive: true });
    if (!(await lstat(folder)).isDirectory()) throw new Error(`${folder} is a link`);
    if ((await readNotesFile(file)) !== before) return false;
    await replaceFile(file, text);
    return true;
  } catch (error) {
    throw notesUnwritable(file, error);
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Some thousand notes: far more than people read. */
const LARGEST = 1024 * 1024;
