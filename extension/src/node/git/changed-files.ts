import type { BytePath } from './paths.ts';
import { splitPaths } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';

/** One side of a change. `mode` is git's: `100644`, `100755` (may be executed) or `120000` (symlink). */
export interface FileVersion {
  readonly mode: string;
  /** Git's id of the content. */
  readonly blob: string;
}

export interface ChangedFile {
  readonly path: BytePath;
  readonly before: FileVersion | undefined;
  readonly after: FileVersion | undefined;
}

export async function changedFiles(
  shadow: Shadow,
  before: string,
  after: string,
  signal?: AbortSignal,
): Promise<ChangedFile[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', before, after];
  const fields = splitPaths(await shadow.git(args, { signal }));
  const files: ChangedFile[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [oldMode = '', newMode = '', oldBlob = '', newBlob = ''] = (fields[i] ?? '').slice(1).split(' ');
    files.push({
      path: fields[i + 1] ?? '',
      before: version(oldMode, oldBlob),
      after: version(newMode, newBlob),
    });
  }
  return files;
}

export async function countFiles(shadow: Shadow, tree: string, signal: AbortSignal): Promise<number> {
  return splitPaths(await shadow.git(['ls-tree', '-r', '-z', '--name-only', tree], { signal })).length;
}

function version(mode: string, blob: string): FileVersion | undefined {
  return mode === '000000' ? undefined : { mode, blob };
}
