import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerLauncher, ServerProcess } from '../../extension/src/node/mcp/index.ts';

const STOP_LIMIT_MS = 5000;

export interface PlainOptions {
  /** In place of that of an image, for what is remembered of servers. */
  readonly image?: string;
}

/** Starts a script as an MCP server in a plain child process, for tests of what is around a server and not in it. */
export function plainServer(script: string, { image }: PlainOptions = {}): ServerLauncher {
  return async (_name, signal) => {
    signal.throwIfAborted();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
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
      ...(image === undefined ? {} : { image }),
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
