import { spawn } from 'node:child_process';
import { access, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { hostServerFailed } from './errors.ts';
import type { ProcessEnd, ServerLauncher, ServerProcess } from './server-process.ts';

export interface HostOptions {
  /** Holds `files/server.mjs`. */
  readonly serversDir: string;
  readonly folder: string;
}

const stopLimitMs = 5000;

/**
 * Runs the built-in server `files`, reading tools only, as a child of this process: for machines without Docker. Node's
 * permission model lets it read that folder and its own bundle; it cannot write, start processes, load addons or use
 * inspectors. The permission model follows links, so the server's own checks of paths are the second wall.
 */
export function hostLauncher(options: HostOptions): ServerLauncher {
  return async (name, signal) => {
    const server = join(options.serversDir, name, 'server.mjs');
    try {
      await access(server);
      const [folder, bundle] = await Promise.all([realpath(options.folder), realpath(server)]);
      signal.throwIfAborted();
      return await start(folder, bundle);
    } catch (error) {
      signal.throwIfAborted();
      throw hostServerFailed(name, error);
    }
  };
}

async function start(folder: string, bundle: string): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    // Searching runs in a worker thread, which stays under the same permissions.
    [
      '--permission',
      `--allow-fs-read=${folder}`,
      `--allow-fs-read=${bundle}`,
      '--allow-worker',
      '--no-warnings',
      bundle,
      '--read-only',
    ],
    { cwd: folder, env: environment(folder), stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true },
  );
  let stopped = false;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', () => resolve({ kind: 'exited', code: undefined }));
    child.once('exit', (code, signal) => {
      if (stopped) resolve({ kind: 'stopped' });
      else resolve({ kind: 'exited', code: code ?? undefined, ...(signal ? { signal } : {}) });
    });
  });
  await new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return {
    input: child.stdin,
    output: child.stdout,
    errors: child.stderr,
    ended,
    memoryLimitBytes: undefined,
    outOfMemoryKills: () => 0,
    stop: async () => {
      stopped = true;
      child.stdin.end(); // It ends with its input; the signal is for one that hangs.
      const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function environment(folder: string): Record<string, string> {
  const systemRoot = process.env['SystemRoot']; // Windows starts nothing without it.
  return {
    ELECTRON_RUN_AS_NODE: '1',
    STRATA_ROOT: folder,
    ...(systemRoot ? { SystemRoot: systemRoot } : {}),
  };
}
