import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { pack, type Pack } from 'tar-stream';

const run = promisify(execFile);

/** Raised when the recipe below changes, so that images made by an older one are not taken for current. */
const recipe = '3';

/** Commands that scripts rely on. Those that this machine has are taken along; `sh` must be among them. */
const commands =
  'sh bash ls cat cp mv rm ln mkdir rmdir touch env chmod grep egrep fgrep sed awk find xargs head tail wc sort uniq cut tr tee ' +
  'basename dirname realpath readlink mktemp date sleep expr test true false echo printf yes pwd id uname which diff cmp comm seq stat ' +
  'du timeout kill ps nproc sha256sum md5sum base64 od tar gzip git make';

interface Entry {
  readonly name: string;
  readonly source: string;
  readonly mode: number;
}

export interface LocalBase {
  /** Of all that goes into it; the same files give the same hash. */
  readonly hash: string;
  tar(): Readable;
}

/**
 * A base image from this machine's own files, for machines that reach no registry: the newest `node` at hand, `npm` if it
 * is found, common commands, and the libraries that `ldd` names for them. Linux only, about 130 MB.
 */
export async function localBase(searchPath: string, signal: AbortSignal): Promise<LocalBase> {
  if (process.platform !== 'linux')
    throw new Error('a base image from local files can be made on Linux only');
  const node = await newestNode(searchPath, signal);
  const files = new Map<string, Entry>();
  const add = (name: string, source: string, mode: number) => files.set(name, { name, source, mode });
  add('usr/local/bin/node', node, 0o755);
  const programs = [node];
  for (const command of commands.split(' ')) {
    const found = await which(command, searchPath);
    if (!found) continue;
    add(`usr/bin/${command}`, found, 0o755);
    programs.push(found);
  }
  if (!files.has('usr/bin/sh')) throw new Error('there is no sh on the PATH');
  for (const library of await librariesOf(programs, signal))
    add(libraryName(library), await realpath(library), 0o755);
  const npm = await npmFolder(node, searchPath);
  const hash = createHash('sha256').update(recipe);
  for (const { name, source } of files.values()) {
    const { size, mtimeMs } = await stat(source);
    hash.update(`\n${name} ${source} ${size} ${mtimeMs}`);
  }
  hash.update(`\nnpm ${npm ?? ''}`);
  return { hash: hash.digest('hex').slice(0, 16), tar: () => write([...files.values()], npm) };
}

function write(files: readonly Entry[], npm: string | undefined): Readable {
  const tar = pack();
  fill(tar, files, npm).then(
    () => tar.finalize(),
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(tar);
}

async function fill(tar: Pack, files: readonly Entry[], npm: string | undefined): Promise<void> {
  for (const folder of [
    'etc',
    'usr',
    'usr/bin',
    'usr/lib',
    'usr/lib64',
    'usr/local',
    'usr/local/bin',
    'usr/local/lib',
    'opt',
    'workspace',
  ])
    tar.entry({ name: folder, type: 'directory', mode: 0o755 });
  tar.entry({ name: 'tmp', type: 'directory', mode: 0o1777 });
  for (const [name, linkname] of [
    ['bin', 'usr/bin'],
    ['sbin', 'usr/bin'],
    ['lib', 'usr/lib'],
    ['lib64', 'usr/lib64'],
  ] as const)
    tar.entry({ name, type: 'symlink', linkname });
  tar.entry(
    { name: 'etc/passwd', mode: 0o644 },
    'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/tmp:/bin/sh\n',
  );
  tar.entry({ name: 'etc/group', mode: 0o644 }, 'root:x:0:\nnode:x:1000:\n');
  for (const file of files) await copyFile(tar, file);
  if (!npm) return;
  await copyFolder(tar, npm, 'usr/local/lib/node_modules/npm');
  for (const command of ['npm', 'npx'])
    tar.entry({
      name: `usr/local/bin/${command}`,
      type: 'symlink',
      linkname: `../lib/node_modules/npm/bin/${command}-cli.js`,
    });
}

async function copyFile(tar: Pack, { name, source, mode }: Entry): Promise<void> {
  const { size } = await stat(source);
  await pipeline(createReadStream(source), tar.entry({ name, size, mode }));
}

async function copyFolder(tar: Pack, folder: string, name: string): Promise<void> {
  tar.entry({ name, type: 'directory', mode: 0o755 });
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const source = join(folder, entry.name);
    const target = `${name}/${entry.name}`;
    if (entry.isDirectory()) await copyFolder(tar, source, target);
    else if (entry.isSymbolicLink())
      tar.entry({ name: target, type: 'symlink', linkname: await readlink(source) });
    else if (entry.isFile())
      await copyFile(tar, { name: target, source, mode: (await lstat(source)).mode & 0o111 ? 0o755 : 0o644 });
  }
}

/** `lib`, `lib64` and `sbin` are links into `usr` in the image, as in today's distributions. */
function libraryName(path: string): string {
  const name = path.replace(/^\/+/, '');
  return /^lib(?:\d+)?\//.test(name) ? `usr/${name}` : name;
}

async function librariesOf(programs: readonly string[], signal: AbortSignal): Promise<ReadonlySet<string>> {
  const libraries = new Set<string>();
  // One call for all; ldd exits with 1 when one of them is linked statically, and still prints the others.
  const text = await run('ldd', [...programs], { signal, timeout: 20_000, maxBuffer: 4 * 1024 * 1024 }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      if (
        error instanceof Error &&
        'stdout' in error &&
        typeof error.stdout === 'string' &&
        error.stdout !== ''
      )
        return error.stdout;
      throw error;
    },
  );
  for (const [, path] of text.matchAll(/(?:=>\s*|^\s+)(\/\S+)\s+\(0x/gm)) if (path) libraries.add(path);
  return libraries;
}

async function newestNode(searchPath: string, signal: AbortSignal): Promise<string> {
  const candidates = new Set<string>();
  if (basename(process.execPath) === 'node') candidates.add(await realpath(process.execPath));
  for (const folder of searchPath.split(delimiter)) {
    const found = await executable(join(folder, 'node'));
    if (found) candidates.add(found);
  }
  let best: { readonly path: string; readonly version: readonly number[] } | undefined;
  for (const path of candidates) {
    const version = await nodeVersion(path, signal);
    if (version && (!best || newer(version, best.version))) best = { path, version };
  }
  if (!best) throw new Error('there is no node on the PATH');
  if ((best.version[0] ?? 0) < 22)
    throw new Error(`the newest node on the PATH is ${best.version.join('.')}, and 22 is needed`);
  return best.path;
}

async function nodeVersion(path: string, signal: AbortSignal): Promise<readonly number[] | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { signal, timeout: 10_000 });
    return /^v(\d+)\.(\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number);
  } catch {
    signal.throwIfAborted();
    return undefined; // Something else by the name of node.
  }
}

function newer(a: readonly number[], b: readonly number[]): boolean {
  for (const i of [0, 1, 2]) if (a[i] !== b[i]) return (a[i] ?? 0) > (b[i] ?? 0);
  return false;
}

async function npmFolder(node: string, searchPath: string): Promise<string | undefined> {
  const binary = await which('npm', searchPath);
  const candidates = [
    binary && join(dirname(binary), '..'),
    join(dirname(node), '../lib/node_modules/npm'),
    '/usr/share/nodejs/npm',
  ];
  for (const folder of candidates) {
    if (!folder) continue;
    const found = await access(join(folder, 'bin/npm-cli.js')).then(
      () => true,
      () => false,
    );
    // Debian's own npm is spread over many packages; only one that brings its dependencies along works elsewhere.
    const whole = found && (await stat(join(folder, 'node_modules')).catch(() => undefined))?.isDirectory();
    if (whole) return realpath(folder);
  }
  return undefined;
}

async function which(command: string, searchPath: string): Promise<string | undefined> {
  for (const folder of [...searchPath.split(delimiter), '/usr/bin', '/bin']) {
    const found =
      folder === '' || folder.includes('node_modules') ? undefined : await executable(join(folder, command));
    if (found) return found;
  }
  return undefined;
}

/** The real path of a file that can be executed. */
async function executable(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    const found = await stat(real);
    return found.isFile() && found.mode & 0o111 ? real : undefined;
  } catch {
    return undefined; // Not there.
  }
}
