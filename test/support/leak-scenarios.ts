import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { engineRequest } from '../../extension/src/node/docker/engine-request.ts';
import type { Engine } from '../../extension/src/node/docker/index.ts';
import { proxyEngine } from './docker-proxy.ts';
import { processesMarked } from './marked-processes.ts';
import { dockerOf } from './dockerode.ts';

/** Where the hosts of a scenario run, and how chance decides there. */
export interface Surroundings {
  readonly engine: Engine;
  readonly socketPath: string;
  readonly image: string;
  readonly folder: string;
  /** Label of everything that is made. */
  readonly run: string;
  /** Variable in the environment of all processes. */
  readonly mark: string;
  readonly random: () => number;
  /** What a host says of its servers: `started …`, or `failed …` where one did not come up in time. */
  readonly said?: (line: string) => void;
}

/** What befalls a host with some servers. When it returns the host has ended, and nothing may be left soon after. */
export type Scenario = (at: Surroundings, servers: number) => Promise<void>;

/** After these the next program's sweep may be needed: everybody who could clean up is gone or cannot reach the engine. */
export const needSweep: readonly string[] = [
  'the reaper and the host are killed at once',
  'the engine goes away for good, and then the host',
  'the connection is cut again and again while servers start and stop',
];

export const scenarios: Readonly<Record<string, Scenario>> = {
  'servers are stopped in good order': async (at, servers) => {
    const host = startHost(at, servers);
    await host.said('all');
    await host.stop();
  },
  'servers are killed inside, then stopped': async (at, servers) => {
    const host = startHost(at, servers);
    await host.said('all');
    for (const id of await containersOf(at)) if (at.random() < 0.6) await killIfRunning(at, id);
    await host.stop();
  },
  'the host is killed': async (at, servers) => {
    const host = startHost(at, servers);
    await host.said('all');
    await host.kill();
  },
  'the host is killed in the middle of a busy call': async (at, servers) => {
    const host = startHost(at, servers);
    await host.said('all');
    host.tell('busy');
    await delay(300 * at.random());
    await host.kill();
  },
  'the host is killed while its servers start': async (at, servers) => {
    const host = startHost(at, servers);
    await host.said('owner');
    await delay(1000 * at.random());
    await host.kill();
  },
  'the reaper is killed, then the host': async (at, servers) => {
    const host = startHost(at, servers);
    await host.said('all');
    for (const pid of host.reapers()) process.kill(pid, 'SIGKILL');
    // The host has another one started as soon as it hears of it.
    for (let tries = 0; tries < 100 && host.reapers().length === 0; tries += 1) await delay(20);
    await host.kill();
  },
  'the reaper and the host are killed at once': async (at, servers) => {
    const host = startHost(at, servers);
    await host.said('all');
    const reapers = host.reapers();
    await host.kill(() => {
      for (const pid of reapers) process.kill(pid, 'SIGKILL');
    });
  },
  'the host is killed with servers that are paused or were never started': async (at, servers) => {
    const host = startHost(at, servers);
    const owner = (await host.said('owner')).split(' ')[1] ?? '';
    await host.said('all');
    const [first] = await containersOf(at);
    if (first !== undefined) await act(at, 'POST', `/containers/${first}/pause`);
    const Labels = { 'strata.run': at.run, 'strata.owner': owner };
    await act(at, 'POST', '/containers/create', { Image: at.image, Labels });
    await act(at, 'POST', '/volumes/create', { Labels });
    await act(at, 'POST', '/networks/create', { Name: `${at.run}-${Math.floor(at.random() * 1e9)}`, Labels });
    await host.kill();
  },
  'the connection is cut again and again while servers start and stop': async (at, servers) => {
    const proxy = await proxyEngine(at.socketPath);
    try {
      const host = startHost(at, servers, proxy.address);
      await host.said('owner');
      for (let cuts = 0; cuts < 3; cuts += 1) {
        await delay(700 * at.random());
        await proxy.cut();
        await delay(100);
        await proxy.restore();
      }
      host.tell('stop');
      await delay(500 * at.random());
      await proxy.cut();
      await delay(100);
      await proxy.restore();
      // What could not be removed is removed while the host lives, and at the latest after its end.
      await host.ended;
    } finally {
      await proxy.remove();
    }
  },
  'the engine goes away for good, and then the host': async (at, servers) => {
    const proxy = await proxyEngine(at.socketPath);
    const host = startHost(at, servers, proxy.address);
    await host.said('all');
    await proxy.remove();
    await delay(200 * at.random());
    await host.kill();
  },
};

export interface Host {
  /** Waits for a line that begins so. */
  said(word: string): Promise<string>;
  tell(line: string): void;
  reapers(): readonly number[];
  /** In good order; throws when it does not end so. */
  stop(): Promise<void>;
  /** With SIGKILL; `also` happens in the same moment. */
  kill(also?: () => void): Promise<void>;
  readonly ended: Promise<number | null>;
}

const script = join(import.meta.dirname, 'server-fleet-process.ts');
const wordLimitMs = 400_000; // Ten servers, four at a time, each within its own limit.

export function startHost(at: Surroundings, servers: number, address = `unix://${at.socketPath}`): Host {
  const [name = '', value = ''] = at.mark.split('=');
  const child = spawn(process.execPath, [script, at.image, at.folder, at.run, String(servers)], {
    env: { ...process.env, DOCKER_HOST: address, [name]: value },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => undefined); // It was killed.
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    at.said?.(line);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    ended,
    said: async (word) => {
      const limit = Date.now() + wordLimitMs;
      while (Date.now() < limit) {
        const line = lines.find((text) => text.startsWith(word));
        if (line !== undefined) return line;
        if (hasEnded(child)) break;
        await delay(20);
      }
      throw new Error(`The host did not say "${word}", but: ${lines.join(' | ')}`);
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    reapers: () => processesMarked(at.mark).filter((pid) => pid !== child.pid),
    stop: async () => {
      child.stdin.write('stop\n');
      const code = await ended;
      if (code !== 0 || !lines.includes('stopped'))
        throw new Error(`The host ended with ${code}, after: ${lines.join(' | ')}`);
    },
    kill: async (also) => {
      child.kill('SIGKILL');
      also?.();
      await ended;
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function act(at: Surroundings, method: 'GET' | 'POST', path: string, body?: object): Promise<string> {
  const request = { method, path, signal: AbortSignal.timeout(120_000), ...(body ? { body } : {}) };
  return engineRequest(at.engine.connection, request);
}

/** One that has ended by itself, or was made and not started yet, is refused; one whose start was given up is gone. */
async function killIfRunning(at: Surroundings, id: string): Promise<void> {
  await act(at, 'POST', `/containers/${id}/kill`).catch((error: unknown) => {
    const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
    if (status !== 409 && status !== 404) throw error;
  });
}

async function containersOf(at: Surroundings): Promise<readonly string[]> {
  return (await thingsLeft(at)).flatMap((thing) => (thing.startsWith('container ') ? [thing.slice(10)] : []));
}

/** What is on the engine with the label of this run, as `<kind> <id>`. */
export async function thingsLeft(at: Surroundings): Promise<readonly string[]> {
  const filters = { label: [`strata.run=${at.run}`] };
  const [containers, volumes, networks] = await Promise.all([
    dockerOf(at.engine).listContainers({ all: true, filters }),
    dockerOf(at.engine).listVolumes({ filters }),
    dockerOf(at.engine).listNetworks({ filters }),
  ]);
  return [
    ...containers.map(({ Id }) => `container ${Id}`),
    ...volumes.Volumes.map(({ Name }) => `volume ${Name}`),
    ...networks.map(({ Id }) => `network ${Id}`),
  ];
}
