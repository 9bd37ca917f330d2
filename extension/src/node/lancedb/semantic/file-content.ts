import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MOST_FILE_BYTES,
  decodeText,
  hashOf,
  isGenerated,
  isGeneratedName,
} from '../../../core/memory/index.ts';
import type { FoundFile } from './walk.ts';

export interface FileContent {
  /** Empty for a file that was not read. */
  readonly hash: string;
  /** Not yet cut; undefined for one that is left out. */
  readonly text: string | undefined;
  /** Left out for what it is: too large, binary, generated, unreadable. */
  readonly skipped: boolean;
}

/** A file as it is to be indexed, or undefined when it has vanished. */
export async function readContent(folder: string, file: FoundFile): Promise<FileContent | undefined> {
  if (file.size > MOST_FILE_BYTES || isGeneratedName(file.path)) return SKIPPED;
  if (file.size === 0) return EMPTY;
  const bytes = await bytesOf(join(folder, file.path));
  if (bytes === 'vanished') return undefined;
  if (bytes === 'unreadable' || bytes.length > MOST_FILE_BYTES) return SKIPPED;
  const hash = hashOf(bytes);
  const text = decodeText(bytes);
  if (text === undefined || isGenerated(file.path, text)) return { hash, text: undefined, skipped: true };
  return { hash, text, skipped: false };
}

const SKIPPED: FileContent = { hash: '', text: undefined, skipped: true };

const EMPTY: FileContent = { hash: hashOf(new Uint8Array()), text: '', skipped: false };

/** One byte more than the limit is enough to see that a file has grown over it. */
async function bytesOf(path: string): Promise<Uint8Array | 'vanished' | 'unreadable'> {
  try {
    // What was a file a moment ago may be a link or a pipe by now, and opening a pipe waits for its other end.
    // Windows has neither flag, which counts as 0 here.
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return 'unreadable';
      const buffer = new Uint8Array(Math.min(stats.size, MOST_FILE_BYTES) + 1);
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'vanished' : 'unreadable';
  }
}
