import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from './command.ts';
import { editorInstallFailed, editorInstallTimedOut } from './errors.ts';
import { cleanEnvironment, projectRoot } from './runtime.ts';

export interface Editor {
  /** The script that Node 24 runs to serve VS Code. */
  readonly serverMain: string;
  /** The version of VS Code, as in `vscode.version`. */
  readonly version: string;
}

export interface EnsureEditorOptions {
  /** Where editors are kept; by default `STRATA_EDITOR_CACHE`, else `.cache/editor` in the project. */
  readonly cacheDir?: string;
  /** Called with what is being done, such as `fetching the server's own packages`. */
  readonly onProgress?: (what: string) => void;
}

const stepLimitMs = 300_000;
const waitLimitMs = 600_000;
const manifests = path.join(import.meta.dirname, 'code-server');

/** Together 250 MB that no feature used here loads: other vendors' agents, remote containers, single sign-on. */
const unused = [
  '@github',
  '@microsoft/mxc-sdk',
  '@devcontainers',
  'ssh2',
  'cpu-features',
  'kerberos',
  'katex',
  'opentype.js',
];

/** Returns the cached editor, or installs it from the npm registry first. Any number of processes may call it at once. */
export async function ensureEditor(options: EnsureEditorOptions = {}): Promise<Editor> {
  const cache =
    options.cacheDir ?? process.env['STRATA_EDITOR_CACHE'] ?? path.join(projectRoot, '.cache', 'editor');
  const lock = await readFile(path.join(manifests, 'package-lock.json'));
  const key = createHash('sha256')
    .update(lock)
    .update(`${process.platform}-${process.arch}`)
    .digest('hex')
    .slice(0, 16);
  const home = path.join(cache, key);
  if (existsSync(home)) return await describe(home);
  await mkdir(cache, { recursive: true });
  const release = await claim(`${home}.lock`, home);
  if (release === undefined) return await describe(home);
  try {
    if (!existsSync(home))
      await install(cache, home, options.onProgress ?? ((what) => console.log(`VS Code: ${what} …`)));
    return await describe(home);
  } finally {
    await release();
  }
}

async function describe(home: string): Promise<Editor> {
  const manifest: unknown = JSON.parse(await readFile(path.join(home, 'vscode', 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  return { serverMain: path.join(home, 'vscode', 'out', 'server-main.js'), version };
}

async function install(cache: string, home: string, progress: (what: string) => void): Promise<void> {
  await removeAbandoned(cache);
  const staging = path.join(cache, `.staging-${process.pid}`);
  const vscode = path.join(staging, 'node_modules', 'code-server', 'lib', 'vscode');
  try {
    await cp(manifests, staging, { recursive: true });
    progress('fetching its server from npm (about 600 MB unpacked, once)');
    await npm(['ci'], staging);
    progress("fetching the server's own packages");
    // Their locks lack entries, so `npm ci` refuses them; the shrinkwrap files still pin what is installed.
    await npm(['install', '--omit=dev', '--no-save'], vscode);
    await npm(['install', '--omit=dev', '--no-save'], path.join(vscode, 'extensions'));
    for (const name of unused)
      await rm(path.join(vscode, 'node_modules', name), { recursive: true, force: true });
    const whole = path.join(staging, 'whole');
    await mkdir(whole);
    await rename(vscode, path.join(whole, 'vscode'));
    await rename(whole, home);
  } finally {
    await rm(staging, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  // Scripts would compile native modules for minutes; nothing used here needs them.
  const all = [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const windows = process.platform === 'win32';
  const env = cleanEnvironment({ npm_config_engine_strict: 'false' });
  const { code, tail } = await runCommand('npm', all, { cwd, env, limitMs: stepLimitMs, shell: windows });
  if (code !== 0) throw editorInstallFailed(`npm ${args.join(' ')}`, tail);
}

/**
 * Takes the lock file, and returns what gives it back; or nothing, as soon as another process has finished the
 * installation. A lock whose process is gone is taken over.
 */
async function claim(file: string, home: string): Promise<(() => Promise<void>) | undefined> {
  for (let waited = 0; waited < waitLimitMs; waited += 250) {
    if (existsSync(home)) return undefined;
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return async () => await rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (await isAbandoned(file)) await rm(file, { force: true });
    await delay(250);
  }
  throw editorInstallTimedOut(waitLimitMs / 1000);
}

async function isAbandoned(file: string): Promise<boolean> {
  const owner = Number(await readFile(file, 'utf8').catch(() => ''));
  if (owner > 0) return !isAlive(owner);
  // Empty: its owner is between creating and writing it, unless that was long ago.
  const written = await stat(file).catch(() => undefined);
  return written !== undefined && Date.now() - written.mtimeMs > 5_000;
}

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const owner = Number(/^\.staging-(\d+)$/.exec(name)?.[1] ?? 0);
    if (owner > 0 && !isAlive(owner)) await rm(path.join(cache, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
