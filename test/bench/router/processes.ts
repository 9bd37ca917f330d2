import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'esbuild';
import * as z from 'zod';
import { addressOf, type Answer } from './answer.ts';

export type Name = 'bare' | 'strata' | 'ai' | 'portkey';

const measured = z.object({ times: z.record(z.string(), z.array(z.number())), heap: z.array(z.number()) });
export type Measured = z.infer<typeof measured>;

export interface Job {
  readonly names: readonly Name[];
  readonly answer: Answer;
  readonly rounds: number;
  readonly warmUp: number;
  readonly parallel: number;
  readonly heapEvery?: number;
}

export interface World {
  measure(job: Job): Promise<Measured>;
  dispose(): Promise<void>;
}

const NODE_BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";
const GATEWAY_START_MS = 30_000;

/** The model server, the gateway and the contenders' files. `peers` holds the node_modules of what is compared with. */
export async function openWorld(peers: string): Promise<World> {
  const folder = await mkdtemp(path.join(tmpdir(), 'strata-bench-'));
  // Packages are found from where a file lies.
  const beside = await mkdtemp(path.join(peers, 'workers-'));
  const children: ChildProcess[] = [];
  const dispose = async (): Promise<void> => {
    for (const child of children) child.kill();
    await rm(folder, { recursive: true, force: true });
    await rm(beside, { recursive: true, force: true });
  };
  try {
    await bundle(folder, beside);
    const server = await startModelServer(children);
    const gateway = await startGateway(peers, children);
    const fileOf = (name: Name): string =>
      name === 'ai' ? path.join(beside, 'contenders/ai.mjs') : path.join(folder, `contenders/${name}.mjs`);
    return {
      measure: async ({ names, answer, ...job }) => {
        const files = Object.fromEntries(names.map((name) => [name, fileOf(name)]));
        const worker = path.join(folder, 'measure-worker.mjs');
        const text = await outputOf(worker, {
          ...job,
          contenders: files,
          url: addressOf(server, answer),
          gateway,
        });
        return measured.parse(JSON.parse(text));
      },
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Strata and the SDK are bundled with their packages, as they ship; the others run as npm installed them. */
async function bundle(folder: string, beside: string): Promise<void> {
  const here = import.meta.dirname;
  const shared = {
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outbase: here,
    outExtension: { '.js': '.mjs' },
    logLevel: 'error',
  } as const;
  const own = ['contenders/bare.ts', 'contenders/strata.ts', 'contenders/portkey.ts', 'measure-worker.ts'];
  await build({
    ...shared,
    entryPoints: own.map((file) => path.join(here, file)),
    outdir: folder,
    banner: { js: NODE_BANNER },
  });
  await build({
    ...shared,
    entryPoints: [path.join(here, 'contenders/ai.mjs')],
    outdir: beside,
    packages: 'external',
  });
}

async function startModelServer(children: ChildProcess[]): Promise<string> {
  const file = path.join(import.meta.dirname, 'model-server-process.ts');
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return line;
}

async function startGateway(peers: string, children: ChildProcess[]): Promise<string> {
  const port = await freePort();
  const file = path.join(peers, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const child = spawn(process.execPath, [file, `--port=${port}`, '--headless'], {
    stdio: 'ignore',
    // It refuses to be sent to this machine otherwise.
    env: { ...process.env, TRUSTED_CUSTOM_HOSTS: '127.0.0.1,localhost' },
  });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  const late = Date.now() + GATEWAY_START_MS;
  while (!(await answers(url))) {
    if (child.exitCode !== null || Date.now() > late) throw new Error('The gateway does not start');
    await pause(100);
  }
  return `${url}/v1`;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    // Nobody listens there yet.
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function outputOf(file: string, job: object): Promise<string> {
  const child = spawn(process.execPath, ['--expose-gc', file, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(text);
      else reject(new Error(`The worker ended with ${code ?? signal ?? ''}: ${text}`));
    });
  });
}
