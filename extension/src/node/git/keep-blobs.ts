import { createHash } from 'node:crypto';
import type { Shadow } from './shadow-repository.ts';

/** Held in memory until git takes them. */
const BATCH_BYTES = 64 * 1024 * 1024;

/** Takes contents into the shadow repository. */
export interface BlobSink {
  /** Git's id of the content, which the repository holds once `flush` is done. */
  add(bytes: Buffer, known: string | undefined): string;
  readonly full: boolean;
  flush(): Promise<void>;
}

/**
 * Many blobs go into one pack, a few become files of their own (git's `fastimport.unpackLimit`): ten thousand loose objects
 * take seconds to create, and again to read back. Packs are synced to the disk, loose objects are left to the
 * system: after a power failure the last snapshots may be missing, which is noticed when they are used.
 */
export function blobSink(shadow: Shadow, signal: AbortSignal): BlobSink {
  let parts: Buffer[] = [];
  let size = 0;
  const waiting = new Set<string>();
  return {
    add(bytes, known) {
      const blob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
      if (blob === known || waiting.has(blob)) return blob;
      waiting.add(blob);
      parts.push(Buffer.from(`blob\ndata ${bytes.length}\n`), bytes, Buffer.from('\n'));
      size += bytes.length;
      return blob;
    },
    get full() {
      return size > BATCH_BYTES;
    },
    async flush() {
      if (parts.length === 0) return;
      const input = Buffer.concat([...parts, Buffer.from('done\n')]);
      parts = [];
      size = 0;
      waiting.clear();
      await shadow.git(['-c', 'core.compression=1', 'fast-import', '--quiet', '--done', '--depth=0'], {
        input,
        signal,
      });
    },
  };
}
