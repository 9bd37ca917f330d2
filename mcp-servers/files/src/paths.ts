import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { ToolFailure } from '../../tool.ts';

/** The real path of something that exists inside the root, with every symbolic link on the way resolved. */
export async function existingPath(root: string, path: string): Promise<string> {
  const wanted = lexicalPath(root, path);
  const real = await realpath(wanted).catch((error: unknown) => {
    throw asFailure(error, path);
  });
  if (!isInside(root, real)) throw outside(path);
  return real;
}

/**
 * The real path at which something may be created or replaced. A link at its end is not followed unless it leads to
 * something inside the root: writing through a dangling link would create its target.
 */
export async function writablePath(root: string, path: string): Promise<string> {
  const wanted = lexicalPath(root, path);
  if (wanted === root) throw new ToolFailure(`"${path}" is the workspace itself.`);
  if (await linkStat(wanted, path)) return existingPath(root, path);
  const parent = await nearestReal(dirname(wanted), path);
  if (!isInside(root, parent.real)) throw outside(path);
  return join(parent.real, ...parent.missing, basename(wanted));
}

/** The path of an entry itself: links in its folder are resolved, a link at its end is left alone. */
export async function entryPath(root: string, path: string): Promise<string> {
  const wanted = lexicalPath(root, path);
  if (wanted === root) throw new ToolFailure(`"${path}" is the workspace itself.`);
  const folder = await realpath(dirname(wanted)).catch((error: unknown) => {
    throw asFailure(error, path);
  });
  if (!isInside(root, folder)) throw outside(path);
  if (!(await linkStat(wanted, path))) throw new ToolFailure(`"${path}" does not exist.`);
  return join(folder, basename(wanted));
}

/** As callers write it: relative to the root, with forward slashes. */
export function shownPath(root: string, path: string): string {
  return relative(root, path).split(sep).join('/') || '.';
}

export function isInside(root: string, path: string): boolean {
  const below = relative(root, path);
  return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}

function lexicalPath(root: string, path: string): string {
  if (path.includes('\0')) throw new ToolFailure('A path must not hold a NUL character.');
  const wanted = resolve(root, path === '' ? '.' : path);
  if (!isInside(root, wanted)) throw outside(path);
  return wanted;
}

/** The deepest existing folder of a path, and the names below it that do not exist yet. */
async function nearestReal(
  folder: string,
  path: string,
): Promise<{ readonly real: string; readonly missing: string[] }> {
  const missing: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    const found = await linkStat(at, path);
    if (!found) {
      missing.unshift(basename(at));
      continue;
    }
    const real = await realpath(at).catch((error: unknown) => {
      throw asFailure(error, path);
    });
    return { real, missing };
  }
}

async function linkStat(at: string, path: string): Promise<object | undefined> {
  try {
    return await lstat(at);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw asFailure(error, path);
  }
}

export function asFailure(error: unknown, path: string): ToolFailure {
  switch (codeOf(error)) {
    case 'ENOENT':
      return new ToolFailure(`"${path}" does not exist.`);
    case 'EEXIST':
      return new ToolFailure(`"${path}" exists already.`);
    case 'EISDIR':
      return new ToolFailure(`"${path}" is a folder.`);
    case 'ENOTDIR':
      return new ToolFailure(`"${path}" goes through something that is not a folder.`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ToolFailure(`"${path}" may not be accessed.`);
    case 'ERR_ACCESS_DENIED': // Node's permission model, in the read-only variant without a container.
      return new ToolFailure(`"${path}" may not be accessed.`);
    case 'ELOOP':
      return new ToolFailure(`"${path}" goes through links that lead in a circle.`);
    case 'ENAMETOOLONG':
      return new ToolFailure(`"${path.slice(0, 80)}…" is too long.`);
    case 'ENOSPC':
      return new ToolFailure('The disk is full.');
    default:
      return new ToolFailure(error instanceof Error ? error.message : String(error));
  }
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function outside(path: string): ToolFailure {
  return new ToolFailure(`"${path}" is outside of the workspace.`);
}
