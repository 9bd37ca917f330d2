import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileVersion } from './changed-files.ts';
import { storageError } from './errors.ts';
import type { BytePath } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';

export interface TreeEdit {
  readonly path: BytePath;
  /** Undefined takes the file away. */
  readonly version: FileVersion | undefined;
}

const NO_OBJECT = '0'.repeat(40);

/** The tree with some of its files replaced, added or removed; without a tree to start from, one of these files alone. */
export async function editedTree(
  shadow: Shadow,
  tree: string | undefined,
  edits: readonly TreeEdit[],
  signal: AbortSignal,
): Promise<string> {
  if (tree !== undefined && edits.length === 0) return tree;
  return withIndex(shadow, async (index) => {
    const at = { index, signal };
    if (tree !== undefined) await shadow.git(['read-tree', tree], at);
    return editedIndex(shadow, index, edits, signal);
  });
}

/** The tree of an index after some of its files were replaced, added or removed. */
export async function editedIndex(
  shadow: Shadow,
  index: string,
  edits: readonly TreeEdit[],
  signal: AbortSignal,
): Promise<string> {
  const at = { index, signal };
  if (edits.length > 0) {
    // What goes away comes first, since a file may make room for a folder.
    const ordered = [
      ...edits.filter(({ version }) => !version),
      ...edits.filter(({ version }) => version !== undefined),
    ];
    const lines = ordered.map(
      ({ path, version }) => `${version?.mode ?? '0'} ${version?.blob ?? NO_OBJECT}\t${path}\0`,
    );
    await shadow.git(['update-index', '-z', '--replace', '--index-info'], {
      ...at,
      input: Buffer.from(lines.join(''), 'latin1'),
    });
  }
  return (await shadow.git(['write-tree'], at)).toString('utf8').trim();
}

/** An index file for the time of one piece of work. */
export async function withIndex<T>(shadow: Shadow, work: (index: string) => Promise<T>): Promise<T> {
  const index = join(shadow.stateDir, `${randomUUID()}.passing.index`);
  try {
    return await work(index);
  } finally {
    for (const file of [index, `${index}.lock`]) {
      await rm(file, { force: true }).catch((error: unknown) => {
        throw storageError(shadow.stateDir, error);
      });
    }
  }
}
