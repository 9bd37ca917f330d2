import { statfsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import path from 'node:path';

/** Pages that are moved to the front of the file at a time. */
const PAGES = 100;

/** Free pages are used again by what is appended next; a file gives back what is more than this part of it. */
const FREE_PART = 1 / 10;

/**
 * Gives room that is no longer used back to the disk. A file of a Strata that had no means for it in small portions is written anew
 * once, for which nobody may be at work and the disk must have room for it twice.
 */
export async function giveBack(
  database: DatabaseSync,
  file: string,
  idle: () => boolean,
  pause: () => Promise<void>,
): Promise<void> {
  const value = (pragma: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] ?? 0);
  if (value('auto_vacuum') === INCREMENTAL) {
    const spare = value('page_count') * FREE_PART;
    let before = Infinity;
    // A reader that holds on to an old state keeps its pages from being moved: the next time will do.
    for (let free = value('freelist_count'); free > spare && free < before; free = value('freelist_count')) {
      before = free;
      database.prepare(`PRAGMA incremental_vacuum(${PAGES})`).all();
      await pause();
    }
  } else if (idle() && hasRoom(file, 2 * value('page_count') * value('page_size'))) {
    database.exec(`PRAGMA auto_vacuum = ${INCREMENTAL}; VACUUM;`);
  } else return;
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
}

const INCREMENTAL = 2;

function hasRoom(file: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(path.dirname(file));
  return bavail * bsize > bytes;
}
