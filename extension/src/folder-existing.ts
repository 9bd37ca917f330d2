import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { folderMissing, folderUnreadable } from './folder-errors.ts';

/** Its real path. Throws `folder-missing` and `folder-unreadable`. */
export function existingFolder(folder: string): string {
  let real: string;
  try {
    real = realpathSync(folder);
    if (!statSync(real).isDirectory()) throw new Error('It is a file.');
  } catch (error) {
    throw folderMissing(folder, error);
  }
  try {
    accessSync(real, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw folderUnreadable(real, error);
  }
  return real;
}
