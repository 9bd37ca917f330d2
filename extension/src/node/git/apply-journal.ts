import { open, readFile, rename, rm } from 'node:fs/promises';
import * as z from 'zod';
import type { FileVersion } from './changed-files.ts';
import { changedFiles } from './changed-files.ts';
import { storageError } from './errors.ts';
import type { BytePath } from './paths.ts';
import { isStrataError } from '../../base/errors.ts';
import type { Shadow } from './shadow-repository.ts';
import { sameVersion } from './workspace-state.ts';

/** Two trees that hold the files in question and no others: as they were, and as they were written. */
export interface Writing {
  readonly saved: string;
  readonly written: string;
}

/**
 * What a run wrote into the workspace. It is kept before the first file is touched: a merged file is neither the
 * user's version nor the run's, and after a crash nothing else could tell that it is done.
 */
export interface ApplyJournal {
  /** What stood at the path before the run's changes, when what stands there now is what the run wrote. */
  original(
    path: BytePath,
    now: FileVersion | undefined,
  ): { readonly version: FileVersion | undefined } | undefined;
  /** Adds a writing that is about to happen. */
  add(writing: Writing): Promise<void>;
  /** It happened, whole: what was half done before it is of no more use. */
  settle(writing: Writing): Promise<void>;
  clear(): Promise<void>;
}

const schema = z.object({
  version: z.literal(1),
  writings: z.array(z.object({ saved: z.string(), written: z.string() })),
});

export async function openJournal(shadow: Shadow, file: string, signal: AbortSignal): Promise<ApplyJournal> {
  const writings = await read(file);
  const known = new Map<BytePath, { before: FileVersion | undefined; after: FileVersion | undefined }[]>();
  for (const { saved, written } of writings.toReversed()) {
    for (const { path, before, after } of await changesOf(shadow, saved, written, signal))
      known.set(path, [...(known.get(path) ?? []), { before, after }]);
  }
  const write = async (all: readonly Writing[]): Promise<void> => {
    try {
      const handle = await open(`${file}.new`, 'w');
      try {
        await handle.writeFile(JSON.stringify({ version: 1, writings: all }));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${file}.new`, file);
    } catch (error) {
      throw storageError(shadow.stateDir, error);
    }
  };
  return {
    original(path, now) {
      const entry = known.get(path)?.find(({ after }) => sameVersion(now, after));
      return entry && { version: entry.before };
    },
    add: (writing) => write([...writings, writing]),
    settle: (writing) => write([writing]),
    clear: () => rm(file, { force: true }),
  };
}

async function read(file: string): Promise<readonly Writing[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return schema.parse(JSON.parse(text)).writings;
  } catch {
    // None yet, or one that a power failure has cut: without it the files are compared as if nothing had been written.
    return [];
  }
}

async function changesOf(
  shadow: Shadow,
  saved: string,
  written: string,
  signal: AbortSignal,
): ReturnType<typeof changedFiles> {
  try {
    return await changedFiles(shadow, saved, written, signal);
  } catch (error) {
    // The trees went away with a damaged repository.
    if (isStrataError(error) && error.code === 'git-failed') return [];
    throw error;
  }
}
