import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { parseMeasurement, type Measurement } from './measured.ts';
import type { BenchServer } from './model-server.ts';

/** Bundled into one file with the packages that they use, as Strata is when it ships. */
const BUNDLED = [
  'contenders/bare',
  'contenders/bare-whole',
  'contenders/strata',
  'run-worker',
  'replay-worker',
] as const;
/** Run with their packages as npm installed them. */
const INSTALLED = [
  'contenders/ai',
  'contenders/create-agent',
  'contenders/langgraph',
  'contenders/langgraph-sqlite',
  'contenders/openai-agents',
] as const;
export type WorkerName = (typeof BUNDLED)[number] | (typeof INSTALLED)[number];

export interface Workers {
  /** Starts the worker with the job as its one argument. */
  start(name: WorkerName, job: object): Started;
  /** A new empty folder, removed with all others. */
  folder(): Promise<string>;
  dispose(): Promise<void>;
}

export interface Started {
  readonly process: ChildProcess;
  /** What it printed. Rejects when it fails; a worker that was killed resolves. */
  readonly output: Promise<string>;
}

const NODE_BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** `peers` holds the node_modules of the contenders that are compared with. */
export async function buildWorkers(peers: string): Promise<Workers> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'strata-bench-'));
  // Packages are found from where a file lies.
  const beside = await mkdtemp(path.join(peers, 'workers-'));
  const here = import.meta.dirname;
  const shared = {
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outbase: here,
    logLevel: 'error',
  } as const;
  await build({
    ...shared,
    entryPoints: BUNDLED.map((name) => path.join(here, `${name}.ts`)),
    outdir: path.join(scratch, 'workers'),
    outExtension: { '.js': '.mjs' },
    banner: { js: NODE_BANNER },
  });
  await build({
    ...shared,
    entryPoints: INSTALLED.map((name) => path.join(here, `${name}.mjs`)),
    outdir: beside,
    outExtension: { '.js': '.mjs' },
    packages: 'external',
  });
  const isBundled = (name: WorkerName): boolean => BUNDLED.some((one) => one === name);
  return {
    start: (name, job) => {
      const file = path.join(isBundled(name) ? path.join(scratch, 'workers') : beside, `${name}.mjs`);
      const child = spawn(process.execPath, [file, JSON.stringify(job)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      return { process: child, output: outputOf(child, name) };
    },
    folder: () => mkdtemp(path.join(scratch, 'run-')),
    dispose: async () => {
      await rm(scratch, { recursive: true, force: true });
      await rm(beside, { recursive: true, force: true });
    },
  };
}

function outputOf(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(text);
      else reject(new Error(`The worker ${name} ended with ${code ?? signal ?? ''}: ${text}`));
    });
  });
}

export interface MeasureOptions {
  readonly steps: number;
  readonly contextTokens?: number;
  readonly sizeEvery?: number;
}

/** So many that the compiler is done with what every step runs: an editor's process lives for days. */
const WARM_UP_STEPS = 200;

/** One contender's loop of so many steps. Throws unless every call was made and its result came back. */
export async function measure(
  workers: Workers,
  server: BenchServer,
  name: WorkerName,
  options: MeasureOptions,
): Promise<Measurement> {
  const { steps } = options;
  const warmUp = await server.session({ steps: WARM_UP_STEPS });
  const session = await server.session({ steps });
  const folder = await workers.folder();
  const job = { ...options, warmUpUrl: warmUp.url, url: session.url, warmUpSteps: WARM_UP_STEPS, folder };
  const found = parseMeasurement(await workers.start(name, job).output);
  await rm(folder, { recursive: true, force: true });
  const { chats, results } = await session.report();
  const calls = found.cpuAt.length;
  if (chats !== steps || results !== steps || calls !== steps)
    throw new Error(`${name} made ${chats} model calls and ${calls} tool calls, not ${steps} of each`);
  return found;
}
