import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ProcessEnd, ServerLauncher } from '../../../extension/src/node/mcp/server-process.ts';

/** The same server as a plain child process of this one, as other MCP clients start it: what a container is compared with. */
export function plainChild(serversDir: string, folder: string): ServerLauncher {
  return async (name) => {
    const child = spawn(process.execPath, [join(serversDir, name, 'server.mjs')], {
      cwd: folder,
      env: { PATH: process.env['PATH'], HOME: folder, STRATA_ROOT: folder },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const ended = new Promise<ProcessEnd>((resolve) => {
      child.once('error', () => resolve({ kind: 'exited', code: undefined }));
      child.once('exit', (code) => resolve({ kind: 'exited', code: code ?? undefined }));
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return {
      input: child.stdin,
      output: child.stdout,
      errors: child.stderr,
      memoryLimitBytes: undefined,
      ended,
      outOfMemoryKills: () => 0,
      stop: async () => {
        child.stdin.end();
        child.kill('SIGKILL');
        await ended;
      },
    };
  };
}
