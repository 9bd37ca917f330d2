import type { Chunk } from '../../../core/memory/index.ts';
import { openCutter, type Cutter } from '../../tree-sitter/index.ts';

/** A cutter that is there while files are cut, and gives its memory back some time after. */
export function restingCutter(): Cutter {
  let cutter: Cutter | undefined;
  let timer: NodeJS.Timeout | undefined;
  let busy = 0;
  let closed = false;
  /** Of those that rest. */
  const lacked = new Set<string>();

  async function rest(): Promise<void> {
    clearTimeout(timer);
    const resting = cutter;
    cutter = undefined;
    for (const name of resting?.lacking() ?? []) lacked.add(name);
    await resting?.close();
  }

  return {
    chunks: async (path, text): Promise<readonly Chunk[]> => {
      clearTimeout(timer);
      busy++;
      try {
        return await (cutter ??= openCutter()).chunks(path, text);
      } finally {
        busy--;
        if (busy === 0 && !closed) {
          timer = setTimeout(() => void rest(), REST_MS);
          timer.unref();
        }
      }
    },
    lacking: () => {
      // Its thread starts at the first file.
      if (!closed) cutter ??= openCutter();
      return [...new Set([...lacked, ...(cutter?.lacking() ?? [])])];
    },
    close: async () => {
      closed = true;
      await rest();
    },
  };
}

const REST_MS = 30_000;
