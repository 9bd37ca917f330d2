import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findEngine, type Engine } from '../../extension/src/node/docker/index.ts';

export { buildServers } from './build-servers.ts';

export type EngineForTests =
  | { readonly kind: 'ready'; readonly engine: Engine; stop(): Promise<void> }
  | { readonly kind: 'missing'; readonly reason: string };

/**
 * The engine that answers; without one, Debian's own is started when this is root, and `stop` ends it. Whoever runs many
 * test files at once calls this first and keeps the engine for all of them.
 */
export async function engineForTests(): Promise<EngineForTests> {
  const signal = AbortSignal.timeout(60_000);
  const found = await findEngine({ signal });
  if (found.kind === 'ready') return { kind: 'ready', engine: found.engine, stop: () => Promise.resolve() };
  const dockerd = onPath('dockerd');
  if (!dockerd)
    return { kind: 'missing', reason: 'needs Docker: no engine answers and dockerd is not installed' };
  if (process.getuid?.() !== 0)
    return { kind: 'missing', reason: 'needs Docker: no engine answers and only root may start one' };
  return startDockerd(dockerd, signal);
}

async function startDockerd(dockerd: string, signal: AbortSignal): Promise<EngineForTests> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-dockerd-'));
  const logFile = join(folder, 'dockerd.log');
  const log = openSync(logFile, 'a');
  const child = spawn(dockerd, [], { stdio: ['ignore', log, log], detached: true });
  const stop = async () => {
    await stopProcess(child);
    rmSync(folder, { recursive: true, force: true });
  };
  while (child.exitCode === null && !signal.aborted) {
    const found = await findEngine({ signal, limitMs: 1000 });
    if (found.kind === 'ready') return { kind: 'ready', engine: found.engine, stop };
    await delay(200);
  }
  const why = readFileSync(logFile, 'utf8').trim().split('\n').at(-1) ?? '';
  await stop();
  return { kind: 'missing', reason: `needs Docker: dockerd does not start (${why})` };
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = new AbortController();
  await Promise.race([
    ended,
    delay(15_000, undefined, { signal: late.signal }).then(() => child.kill('SIGKILL')),
  ]);
  late.abort();
}

export function onPath(command: string): string | undefined {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
    const path = join(folder, command);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue; // Not in this one.
    }
  }
  return undefined;
}
