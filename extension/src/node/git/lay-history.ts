import { lchown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isStrataError } from '../../base/errors.ts';
import { storageError } from './errors.ts';
import { git, gitAnswer } from './git-command.ts';
import { CONTAINER_USER } from './run-copy.ts';
import { isFolder } from './folders.ts';

/** Commits that a run can look back at. More would make a run in a large repository wait, and few ask for it. */
const DEPTH = 500;
const CLONE_LIMIT_MS = 120_000;

export interface HistoryRequest {
  /** The user's folder. */
  readonly workspace: string;
  /** The run's own copy of it. */
  readonly copy: string;
  readonly signal: AbortSignal;
}

/**
 * Gives the run's own copy a `.git` of its own: the newest commits of the user's repository, with the index as at HEAD, so
 * that status and diff say what differs from the last commit. It is a clone, so nothing that a tool does to it reaches the
 * user's repository, and no snapshot holds it. False where there is nothing to give: no repository, no commit, or a folder
 * that is only a part of a repository.
 */
export async function layHistory({ workspace, copy, signal }: HistoryRequest): Promise<boolean> {
  const target = join(copy, '.git');
  if ((await isFolder(target)) || !(await isTopOfRepository(workspace, signal))) return false;
  // Beside the copy, to be moved into it whole.
  const aside = `${copy}.history-${randomUUID()}`;
  const config = `${aside}.config`;
  try {
    await mkdir(aside, { recursive: true });
    // Git reads a repository of another user only when it is named here, and a clone hands no other setting on.
    await writeFile(config, `[safe]\n\tdirectory = ${quoted(workspace)}\n`);
    const at = { cwd: aside, signal, env: { GIT_CONFIG_GLOBAL: config, GIT_ALLOW_PROTOCOL: 'file' } };
    await git(
      [
        'clone',
        '--quiet',
        '--no-checkout',
        '--no-tags',
        '--single-branch',
        '--template=',
        `--depth=${DEPTH}`,
        pathToFileURL(workspace).href,
        '.',
      ],
      { ...at, limitMs: CLONE_LIMIT_MS },
    );
    await git(['remote', 'remove', 'origin'], at);
    const born = await gitAnswer(['rev-parse', '--quiet', '--verify', 'HEAD'], at, (code) => code <= 1);
    if (born.code !== 0) return false;
    await git(['read-tree', 'HEAD'], at);
    if (process.getuid?.() === 0) await giveAway(join(aside, '.git'));
    await rename(join(aside, '.git'), target);
    return true;
  } catch (error) {
    throw storageError(copy, error);
  } finally {
    // What stays behind is removed with the other left-overs of the storage folder.
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    await rm(config, { force: true }).catch(() => undefined);
  }
}

async function isTopOfRepository(workspace: string, signal: AbortSignal): Promise<boolean> {
  const args = ['-c', `safe.directory=${workspace}`, 'rev-parse', '--show-prefix'];
  try {
    return (await git(args, { cwd: workspace, signal })).toString('utf8').trim() === '';
  } catch (error) {
    if (isStrataError(error) && error.code === 'git-failed') return false;
    throw error;
  }
}

/** As a value in git's configuration files. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}

async function giveAway(path: string): Promise<void> {
  await lchown(path, CONTAINER_USER, CONTAINER_USER);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) await giveAway(below);
    else await lchown(below, CONTAINER_USER, CONTAINER_USER);
  }
}
