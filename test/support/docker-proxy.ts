import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface EngineProxy {
  /** In the form of DOCKER_HOST. */
  readonly address: string;
  /** Breaks every connection and takes no new ones, as an engine that went away. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  remove(): Promise<void>;
}

/** Stands in front of an engine's socket, so that a test can take the engine away without touching it. */
export async function proxyEngine(socketPath: string): Promise<EngineProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-proxy-'));
  const path = join(folder, 'engine.sock');
  const open = new Set<Socket>();
  let server: Server | undefined;
  const restore = async () => {
    const fresh = createServer({ allowHalfOpen: true }, (near) => {
      const far = connect({ path: socketPath, allowHalfOpen: true });
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        open.add(from);
        from.pipe(to);
        from.on('close', () => (open.delete(from), to.destroy()));
        from.on('error', () => to.destroy());
      }
    });
    await new Promise<void>((resolve, reject) => fresh.once('error', reject).listen(path, resolve));
    server = fresh;
  };
  const cut = async () => {
    const closing = server;
    server = undefined;
    const closed = new Promise<void>((resolve) => (closing ? closing.close(() => resolve()) : resolve()));
    for (const socket of open) socket.destroy();
    await closed;
    rmSync(path, { force: true });
  };
  await restore();
  return {
    address: `unix://${path}`,
    cut,
    restore,
    remove: async () => {
      await cut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
