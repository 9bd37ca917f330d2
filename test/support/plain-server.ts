import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerLauncher, ServerProcess } from '../../extension/src/node/mcp/index.ts';

const STOP_LIMIT_MS = 5000;

/** Starts a script as an MCP server in a plain child process, for tests of what is around a server and not in it. */
export function plainServer(script: string, env: Readonly<Record<string, string>> = {}): ServerLauncher {
  return async (_name, signal) => {
    signal.throwIfAborted();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    await once(child, 'spawn');
    let stopped = false;
    const ended: ServerProcess['ended'] = once(child, 'close').then(([code, ending]: unknown[]) => {
      if (stopped) return { kind: 'stopped' };
      return {
        kind: 'exited',
        code: typeof code === 'number' ? code : undefined,
        ...(typeof ending === 'string' ? { signal: ending } : {}),
      };
    });
    child.stdin.on('error', () => undefined); // It has ended, which `ended` says.
    return {
      input: child.stdin,
      output: child.stdout,
      errors: child.stderr,
      memoryLimitBytes: undefined,
      ended,
      outOfMemoryKills: () => 0,
      stop: async () => {
        stopped = true;
        child.stdin.end();
        const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
        await ended;
        clearTimeout(limit);
      },
    };
  };
}
