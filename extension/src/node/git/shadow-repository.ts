import { mkdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { isStrataError, messageOf } from '../../base/errors.ts';
import { git } from './git-command.ts';
import { diskFull, storageError } from './errors.ts';
import { MAX_FILE_BYTES } from './limits.ts';

/** Our own bare repository beside the workspace: it holds the trees of every run, and the user's `.git` is not involved. */
export interface Shadow {
  readonly gitDir: string;
  /** Folder for index and exclude files. */
  readonly stateDir: string;
  git(args: readonly string[], at?: ShadowCall): Promise<Buffer>;
  /** Whether it is there and git takes it for a repository. */
  isWhole(): Promise<boolean>;
  /** Where it is not whole, a new one takes its place; what is left of the old one stays beside it, as `shadow.git.damaged`. */
  mend(): Promise<void>;
}

export interface ShadowCall {
  readonly workTree?: string;
  readonly index?: string;
  readonly excludes?: string | undefined;
  readonly input?: Buffer;
  readonly signal?: AbortSignal | undefined;
  readonly limitMs?: number;
}

/** The last word on attributes, so that a `.gitattributes` in the workspace changes no byte of what is stored. */
const ATTRIBUTES = '* -text -crlf !eol !filter !ident !working-tree-encoding !diff !merge !export-subst\n';

export async function openShadow(storageDir: string, signal?: AbortSignal): Promise<Shadow> {
  const gitDir = join(storageDir, 'shadow.git');
  const shadow: Shadow = {
    gitDir,
    stateDir: join(gitDir, 'strata'),
    async git(args, at = {}) {
      const excludes = at.excludes ?? '/dev/null';
      try {
        return await git(['-c', `core.excludesFile=${excludes}`, ...args], {
          cwd: at.workTree ?? gitDir,
          env: {
            GIT_DIR: gitDir,
            ...(at.workTree === undefined ? {} : { GIT_WORK_TREE: at.workTree }),
            ...(at.index === undefined ? {} : { GIT_INDEX_FILE: at.index }),
          },
          ...(at.input === undefined ? {} : { input: at.input }),
          signal: at.signal,
          ...(at.limitMs === undefined ? {} : { limitMs: at.limitMs }),
        });
      } catch (error) {
        if (at.workTree !== undefined && (await failedForSpace(at.workTree, error)))
          throw diskFull(at.workTree, error);
        throw storageError(storageDir, error);
      }
    },
    async isWhole() {
      if (!(await exists(shadow.stateDir))) return false;
      try {
        await shadow.git(['rev-parse', '--git-dir']);
        return true;
      } catch (error) {
        if (isStrataError(error) && error.code === 'git-failed') return false;
        throw error;
      }
    },
    async mend() {
      if (await shadow.isWhole()) return;
      if (await exists(gitDir)) {
        const aside = `${gitDir}.damaged`;
        await rm(aside, { recursive: true, force: true });
        await rename(gitDir, aside);
      }
      await create(storageDir, gitDir, signal);
    },
  };
  if (!(await exists(shadow.stateDir))) await shadow.mend();
  return shadow;
}

/** Made aside and moved into place whole, since two windows may open the same folder at the same moment. */
async function create(storageDir: string, gitDir: string, signal: AbortSignal | undefined): Promise<void> {
  const fresh = `${gitDir}.${randomUUID()}`;
  try {
    await mkdir(fresh, { recursive: true });
    await git(['init', '--quiet', '--bare', '--template=', '--object-format=sha1', fresh], {
      cwd: fresh,
      signal,
    });
    await mkdir(join(fresh, 'info'), { recursive: true });
    await mkdir(join(fresh, 'strata'));
    await writeFile(join(fresh, 'info', 'attributes'), ATTRIBUTES);
    await rename(fresh, gitDir);
  } catch (error) {
    if (await exists(join(gitDir, 'strata'))) return;
    throw storageError(storageDir, error);
  } finally {
    await rm(fresh, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Git does not say why a file could not be written, so the disk is asked. */
async function failedForSpace(folder: string, error: unknown): Promise<boolean> {
  if (!/unable to (?:write|create) file/.test(messageOf(error))) return false;
  const disk = await statfs(folder).catch(() => undefined);
  return (
    disk !== undefined && (disk.bavail * disk.bsize < MAX_FILE_BYTES || (disk.files > 0 && disk.ffree === 0))
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
