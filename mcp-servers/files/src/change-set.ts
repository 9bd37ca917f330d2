import { lstat, rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ToolFailure } from '../../tool.ts';
import { asFailure } from './paths.ts';
import { writeText } from './text-file.ts';

interface FileContent {
  readonly bytes: Buffer;
  readonly mode: number;
}

/** What becomes of one file; `undefined` stands for no file. */
export interface FileChange {
  readonly real: string;
  /** As the caller wrote it. */
  readonly path: string;
  readonly before: FileContent | undefined;
  readonly after: FileContent | undefined;
}

/** Makes all changes. When one fails, those that were made are taken back, and it throws. */
export async function applyChanges(changes: readonly FileChange[]): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    // Removed first, so that a file can make room for a folder of its name.
    for (const change of changes) if (!change.after) await removeFile(change, undo);
    for (const change of changes) if (change.after) await putFile(change, change.after, undo);
  } catch (error) {
    const failed: string[] = [];
    for (const step of undo.reverse())
      await step().catch((cause: unknown) =>
        failed.push(cause instanceof Error ? cause.message : String(cause)),
      );
    const why = error instanceof Error ? error.message : String(error);
    throw new ToolFailure(
      failed.length === 0
        ? `Nothing was changed. ${why}`
        : `${why} Not all of what was changed could be taken back: ${failed.join(' ')}`,
    );
  }
}

async function removeFile({ real, path, before }: FileChange, undo: (() => Promise<void>)[]): Promise<void> {
  if (!before) return; // Made and removed again by the same patch.
  await rm(real).catch((error: unknown) => {
    throw asFailure(error, path);
  });
  undo.push(() => writeText(real, path, before.bytes, { mustBeNew: true, mode: before.mode }));
}

async function putFile(
  { real, path, before }: FileChange,
  after: FileContent,
  undo: (() => Promise<void>)[],
): Promise<void> {
  if (before) {
    if (before.bytes.equals(after.bytes)) return;
    undo.push(() => writeText(real, path, before.bytes));
    await writeText(real, path, after.bytes);
    return;
  }
  const folders = await missingFolders(real);
  await writeText(real, path, '', { mustBeNew: true, mode: after.mode });
  undo.push(async () => {
    await rm(real, { force: true });
    for (const folder of folders) await rmdir(folder).catch(() => undefined); // Somebody else uses it.
  });
  await writeText(real, path, after.bytes);
}

/** The folders above a file that do not exist, the deepest first. */
async function missingFolders(real: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let at = dirname(real); ; at = dirname(at)) {
    const there = await lstat(at).then(
      () => true,
      () => false,
    );
    if (there) return missing;
    missing.push(at);
  }
}
