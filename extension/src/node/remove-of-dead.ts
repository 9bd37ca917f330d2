import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Removes what is in a folder of owners that are dead. The names there are those of the owners, `_` and something more. */
export async function removeOfDead(folder: string, mayBeAlive: (owner: string) => boolean): Promise<void> {
  const names = await readdir(folder).catch(() => []); // There never were any.
  const dead = names.filter((name) => !mayBeAlive(name.slice(0, name.lastIndexOf('_'))));
  await Promise.all(dead.map((name) => rm(path.join(folder, name), { recursive: true, force: true })));
}
