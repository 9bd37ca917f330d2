import type { Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { isStrataError } from '../../base/errors.ts';
import { git } from './git-command.ts';
import { enclosingRepository } from './ignore-rules.ts';
import type { Enclosing } from './ignore-rules.ts';
import type { BytePath } from './paths.ts';
import { absolute, splitPaths, statOf } from './paths.ts';
import type { Shadow } from './shadow-repository.ts';
import type { Listing } from './take-tree.ts';

/** A chain of repositories nested deeper than this is a loop or an attack. */
const MAX_NESTING = 20;

/**
 * The files of the user's workspace that belong to it: tracked by its repository, or not ignored. Submodules and nested
 * repositories are listed by their own rules and taken in as plain files. Only the user's index and ignore rules are read.
 */
export async function listWorkspace(shadow: Shadow, folder: string, signal: AbortSignal): Promise<Listing> {
  const repository = enclosingRepository(folder);
  const list = async (at: string, own: Enclosing | undefined, depth: number): Promise<Listing> => {
    const found = (own && (await listRepository(at, own, signal))) ?? (await listPlain(shadow, at, signal));
    return withNested(at, found, depth, (nested) => {
      const gitDir = join(nested, '.git');
      return list(nested, statOf(nested, '.git') ? { top: nested, gitDir } : undefined, depth + 1);
    });
  };
  return list(folder, repository, 0);
}

/**
 * The files of the run's copy: those of the last snapshot that are still there, and what a tool added and the ignore rules
 * let through. Anything called `.git` in there was put there by a tool, so no git command is pointed at it.
 */
export async function listCopy(
  shadow: Shadow,
  folder: string,
  at: { readonly index: string; readonly excludes: string; readonly signal: AbortSignal },
): Promise<Listing> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const found = splitPaths(await shadow.git(args, { workTree: folder, ...at }));
  const list = async (nested: string, depth: number): Promise<Listing> =>
    withNested(nested, await listPlain(shadow, nested, at.signal, at.excludes), depth, (deeper) =>
      list(deeper, depth + 1),
    );
  return withNested(folder, found, 0, (nested) => list(nested, 1));
}

/** Undefined when that repository cannot tell: it is damaged, or it ignores the folder we stand in. */
async function listRepository(
  folder: string,
  own: Enclosing,
  signal: AbortSignal,
): Promise<BytePath[] | undefined> {
  const run = (args: readonly string[]): Promise<Buffer> =>
    git([`--git-dir=${own.gitDir}`, `--work-tree=${own.top}`, '-c', 'core.excludesFile=/dev/null', ...args], {
      cwd: folder,
      signal,
    });
  try {
    if (folder !== own.top && (await succeeds(run(['check-ignore', '--quiet', folder])))) return undefined;
    return splitPaths(await run(['ls-files', '-z', '--cached', '--others', '--exclude-standard']));
  } catch (error) {
    if (isStrataError(error) && error.code === 'git-failed') return undefined;
    throw error;
  }
}

async function succeeds(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isStrataError(error) && error.code === 'git-failed') return false;
    throw error;
  }
}

async function listPlain(
  shadow: Shadow,
  folder: string,
  signal: AbortSignal,
  excludes?: string,
): Promise<BytePath[]> {
  // With an index that does not exist, every file is another.
  const index = join(shadow.stateDir, 'none.index');
  const args = ['ls-files', '-z', '--others', '--exclude-standard'];
  return splitPaths(await shadow.git(args, { workTree: folder, index, excludes, signal }));
}

/**
 * Looks at what was found. Git lists a repository inside a folder as one entry: `name/`, or the name alone where it is a
 * submodule.
 */
async function withNested(
  folder: string,
  names: readonly BytePath[],
  depth: number,
  list: (nested: string) => Promise<Listing>,
): Promise<Listing> {
  const paths = new Map<BytePath, Stats | undefined>();
  let seen = 0;
  for (const path of names) {
    if (++seen % 1_000 === 0) await breathe();
    const stats = path.endsWith('/') ? undefined : statOf(folder, path);
    if (!path.endsWith('/') && !stats?.isDirectory()) {
      paths.set(path, stats);
      continue;
    }
    const name = path.replace(/\/$/, '');
    const nested = absolute(folder, name).toString('utf8');
    // A name that is no UTF-8 cannot be handed to git as a folder to work in.
    if (depth >= MAX_NESTING || !Buffer.from(nested).equals(absolute(folder, name))) continue;
    for (const [inner, found] of await list(nested)) paths.set(`${name}/${inner}`, found);
  }
  return paths;
}
