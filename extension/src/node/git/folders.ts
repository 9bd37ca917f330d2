import { constants } from 'node:fs';
import { access, mkdir, realpath, stat } from 'node:fs/promises';
import { isStrataError } from '../../base/errors.ts';
import { storageError, storageUnwritable, workspaceMissing } from './errors.ts';

export async function readableFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if (!(await stat(real)).isDirectory()) throw new Error('it is not a folder');
    await access(real, constants.R_OK | constants.X_OK);
    return real;
  } catch (error) {
    throw workspaceMissing(folder, error);
  }
}

export async function madeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    const real = await realpath(folder);
    await access(real, constants.W_OK);
    return real;
  } catch (error) {
    const known = storageError(folder, error);
    // Node reports a read-only disk as ENOENT when it was to make the folders above as well.
    throw isStrataError(known) ? known : storageUnwritable(folder, error);
  }
}

export async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
