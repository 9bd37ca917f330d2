import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';

/** Writes files and folders of an archive of `/stage` below the folder. Links, and names that lead elsewhere, are left out. */
export async function unpackStage(archive: Readable, folder: string, signal: AbortSignal): Promise<void> {
  const entries = extract();
  // The loop below hears of what goes wrong with either.
  const reading = pipeline(archive, entries, { signal });
  reading.catch((error: unknown) => entries.destroy(error instanceof Error ? error : undefined));
  for await (const entry of entries) {
    const name = entry.header.name.replace(/^stage\/?/, '');
    const safe = !/^\/|[\\:]/.test(name) && !name.split('/').includes('..');
    const path = join(folder, name);
    if (safe && entry.header.type === 'directory') await mkdir(path, { recursive: true });
    if (safe && entry.header.type === 'file') {
      await mkdir(dirname(path), { recursive: true });
      await pipeline(
        entry,
        createWriteStream(path, { mode: (entry.header.mode & 0o100) !== 0 ? 0o755 : 0o644 }),
      );
    } else entry.resume();
  }
  await reading;
}
