import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf, StrataError } from '../base/errors.ts';

/** A file of `.strata/`, or undefined when there is none. */
export async function readSettings<T>(
  folder: string,
  name: string,
  read: (text: string, file: string) => T | Promise<T>,
): Promise<T | undefined> {
  let text: string;
  const file = path.join(folder, '.strata', name);
  try {
    // Reading a pipe would wait for whoever writes to it.
    if (!(await stat(file)).isFile()) throw new Error('it is no file');
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw new StrataError(
      'settings-unreadable',
      `.strata/${name} cannot be read: ${messageOf(error)}.`,
      'Check its permissions.',
      {
        cause: error,
      },
    );
  }
  return read(text, `.strata/${name}`);
}
