import { access, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { executable, outputOf, which } from './programs.ts';

/** The newest node at hand, which must be one that the servers run on. */
export async function newestNode(searchPath: string, signal: AbortSignal): Promise<string> {
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
    const stdout = await outputOf(path, ['--version'], signal);
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

/** The folder of an npm that brings its dependencies along. */
export async function npmFolder(node: string, searchPath: string): Promise<string | undefined> {
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
