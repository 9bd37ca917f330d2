import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Entry } from './local-base/entry.ts';
import { gitPrograms } from './local-base/git.ts';
import { newestNode, npmFolder } from './local-base/node.ts';
import { librariesOf, which } from './local-base/programs.ts';
import { localPython } from './local-base/python.ts';
import { writeTar } from './local-base/tar.ts';

/** Raised when the recipe below changes, so that images made by an older one are not taken for current. */
const recipe = '4';

/** Commands that scripts rely on. Those that this machine has are taken along; `sh` must be among them. */
const commands =
  'sh bash ls cat cp mv rm ln mkdir rmdir touch env chmod grep egrep fgrep sed awk find xargs head tail wc sort uniq cut tr tee ' +
  'basename dirname realpath readlink mktemp date sleep expr test true false echo printf yes pwd id uname which diff cmp comm seq stat ' +
  'du timeout kill ps nproc sha256sum md5sum base64 od tar gzip git make rg';

export interface LocalBase {
  /** Of all that goes into it; the same files give the same hash. */
  readonly hash: string;
  tar(): Readable;
}

/**
 * A base image from this machine's own files, for machines that reach no registry: the newest `node` at hand; common
 * commands, git, ripgrep, npm, and Python with its standard library, as far as they are found; and the libraries that
 * `ldd` names for them. Linux only, about 170 MB.
 */
export async function localBase(searchPath: string, signal: AbortSignal): Promise<LocalBase> {
  if (process.platform !== 'linux')
    throw new Error('a base image from local files can be made on Linux only');
  const node = await newestNode(searchPath, signal);
  const files = new Map<string, Entry>();
  const add = (entry: Entry) => files.set(entry.name, entry);
  add({ name: 'usr/local/bin/node', source: node, mode: 0o755 });
  const programs = [node];
  for (const command of commands.split(' ')) {
    const found = await which(command, searchPath);
    if (!found) continue;
    add({ name: `usr/bin/${command}`, source: found, mode: 0o755 });
    programs.push(found);
    if (command === 'git') for (const entry of await gitPrograms(found, signal)) add(entry);
  }
  if (!files.has('usr/bin/sh')) throw new Error('there is no sh on the PATH');
  const [npm, python] = await Promise.all([npmFolder(node, searchPath), localPython(searchPath, signal)]);
  if (python) programs.push(python.interpreter);
  for (const entry of python?.entries ?? []) add(entry);

  const libraries = await librariesOf(programs, signal);
  const system = systemFolder(libraries);
  const addLibraries = async (paths: ReadonlySet<string>) => {
    for (const library of paths)
      add({ name: libraryName(library, system), source: await realpath(library), mode: 0o755 });
  };
  await addLibraries(libraries);
  const hash = createHash('sha256').update(recipe);
  for (const { name, source } of files.values()) {
    const { size, mtimeMs } = await stat(source);
    hash.update(`\n${name} ${source} ${size} ${mtimeMs}`);
  }
  hash.update(`\nnpm ${npm ?? ''}`);
  const contents = async () => {
    // Only now: asking for every module's libraries takes a second, and whoever has the image does not need them.
    if (python && python.modules.length > 0) await addLibraries(await librariesOf(python.modules, signal));
    return { files: [...files.values()], links: linksOf(python?.command), npm };
  };
  return { hash: hash.digest('hex').slice(0, 16), tar: () => writeTar(contents) };
}

function linksOf(python: string | undefined): readonly (readonly [string, string])[] {
  if (python === undefined) return [];
  return ['python3', 'python'].map((name) => [`usr/local/bin/${name}`, python] as const);
}

/** Where this system keeps its libraries, and looks for them without being told. */
function systemFolder(libraries: ReadonlySet<string>): string {
  const libc = [...libraries].find((path) => /^(libc|ld-musl-.*)\.so/.test(basename(path)));
  return libc === undefined ? '/usr/lib' : dirname(libc);
}

/**
 * `lib`, `lib64` and `sbin` are links into `usr` in the image, as in today's distributions. What lies anywhere else, as the
 * library of a Python in somebody's home does, moves to where it is found.
 */
function libraryName(path: string, system: string): string {
  const place = /^\/(usr\/)?(local\/)?lib(?:\d+|x?32)?\//.test(path) ? path : join(system, basename(path));
  const name = place.replace(/^\/+/, '');
  return /^lib(?:\d+)?\//.test(name) ? `usr/${name}` : name;
}
