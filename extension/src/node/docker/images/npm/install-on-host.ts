import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { codeOf } from '../../connect-failure.ts';
import { npmFailed } from './errors.ts';
import { npmFailure } from './npm-words.ts';
import { installArguments, type Platform } from './install-arguments.ts';

const limitMs = 5 * 60_000;
const keptCharacters = 16 * 1024;

export interface HostInstall {
  readonly folder: string;
  readonly spec: string;
  readonly platform: Platform;
  readonly signal: AbortSignal;
}

/**
 * Installs with the user's own npm, and so from the user's registry and with the user's login. False when there is no npm.
 * Nothing of a package runs here: no install script, and no git.
 */
export async function installOnHost({ folder, spec, platform, signal }: HostInstall): Promise<boolean> {
  signal.throwIfAborted();
  const windows = process.platform === 'win32';
  const child = spawn(windows ? 'npm.cmd' : 'npm', [...installArguments(platform)], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // Windows starts scripts by a shell only; every argument is a constant of ours.
    shell: windows,
    windowsHide: true,
    // A group of its own, so that it can be ended with all that it started.
    detached: !windows,
  });
  let output = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => (output = (output + text).slice(-keptCharacters)));
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const onAbort = () => endTree(child);
  limit.addEventListener('abort', onAbort, { once: true });
  try {
    const code = await exitOf(child);
    signal.throwIfAborted();
    if (code === 'missing') return false;
    if (limit.aborted) throw npmFailed(spec, `it took longer than ${limitMs / 60_000} minutes`);
    // A shell says by itself that it knows no npm.
    if (windows && code !== 0 && !/npm (?:ERR!|error)/.test(output)) return false;
    if (code !== 0) throw npmFailure(spec, output);
    return true;
  } finally {
    limit.removeEventListener('abort', onAbort);
  }
}

function exitOf(child: ChildProcess): Promise<number | undefined | 'missing'> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      if (codeOf(error) === 'ENOENT') resolve('missing');
      else reject(error);
    });
    child.once('close', (code) => resolve(code ?? undefined));
  });
}

function endTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { windowsHide: true, timeout: 10_000 });
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    return; // It has just ended.
  }
}

/** npm leaves its own settings and the manifest of whoever runs it in the environment; only the settings are wanted. */
function environment(): Record<string, string | undefined> {
  const entries = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)/i.test(name));
  return { ...Object.fromEntries(entries), npm_config_ignore_scripts: 'true' };
}
