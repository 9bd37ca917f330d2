import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { engineError, findEngine } from '../../extension/src/node/docker/index.ts';
import { folderHome } from '../../extension/src/node/home.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunEvent } from '../../extension/src/protocol/run-event.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { dockerOf } from './dockerode.ts';

const root = path.resolve(import.meta.dirname, '../..');
const CLI = path.join(root, 'dist/cli.cjs');
const LIMIT_MS = 240_000;

export interface Finished {
  /** Undefined when it was killed. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A workspace and a home of its own, with the built command line on them. */
export interface CliWorld {
  readonly workspace: string;
  readonly home: string;
  readonly env: Record<string, string>;
  write(file: string, text: string): void;
  strata(...args: string[]): Promise<Finished>;
  begin(...args: string[]): { readonly process: ChildProcess; readonly finished: Promise<Finished> };
  events(run: string): readonly RunEvent[];
  view(run: string): RunView;
  /** A command that the command line is run by. */
  readonly prefix: string[];
  /** Work to be done before the folders are removed; the test's own hooks come too late for that. */
  readonly ending: (() => void)[];
  /** Waits until the newest run of the folder has an event that fits, and returns it. */
  until(fits: (event: RunEvent) => boolean): Promise<RunEvent>;
}

export function cliWorld(t: TestContext, options: { readonly sample?: boolean } = {}): CliWorld {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-cli-'));
  const workspace = path.join(folder, 'workspace');
  const home = path.join(folder, 'home');
  if (options.sample) cpSync(path.join(root, 'examples/sample-workspace'), workspace, { recursive: true });
  else mkdirSync(workspace);
  const alive = new Set<ChildProcess>();
  let begun = false;
  const ending: (() => void)[] = [];
  const prefix: string[] = [];
  t.after(async () => {
    for (const child of alive) child.kill('SIGKILL');
    await Promise.all([...alive].map((child) => new Promise((resolve) => child.once('exit', resolve))));
    for (const end of ending.reverse()) end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const env: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'DOCKER_HOST', 'STRATA_TEST_RUN', 'LANG']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  env['STRATA_HOME'] = home;
  // Nobody's Ollama may take part in a test.
  env['OLLAMA_HOST'] = 'http://127.0.0.1:9';

  const begin: CliWorld['begin'] = (...args) => {
    const line = [process.execPath, '--disable-warning=ExperimentalWarning', CLI, ...args, '-w', workspace];
    const [command = '', ...rest] = [...prefix, ...line];
    const child = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    alive.add(child);
    begun = true;
    const output = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
    const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    const finished = new Promise<Finished>((resolve) => {
      child.once('close', (code) => {
        clearTimeout(limit);
        alive.delete(child);
        resolve({ code, ...output });
      });
    });
    return { process: child, finished };
  };

  const inStore = <T>(work: (store: ReturnType<typeof openRunStore>) => T): T => {
    const store = openRunStore(path.join(folderHome(home, workspace), 'runs.db'), Date.now);
    try {
      return work(store);
    } finally {
      store.dispose();
    }
  };

  const world: CliWorld = {
    workspace,
    home,
    env,
    begin,
    prefix,
    ending,
    write: (file, text) => {
      const target = path.join(workspace, file);
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, text);
    },
    strata: (...args) => begin(...args).finished,
    events: (run) => inStore((store) => store.read(run)),
    view: (run) => {
      const view = foldRun(world.events(run));
      if (!view) throw new Error(`no run ${run}`);
      return view;
    },
    until: async (fits) => {
      const end = Date.now() + LIMIT_MS;
      while (Date.now() < end) {
        // A test may also have started one by itself, of which nothing is known here.
        const over = begun && alive.size === 0;
        const events = hasLog(home) ? inStore((store) => newestEvents(store)) : [];
        const found = events.find(fits);
        if (found) return found;
        if (events.some(({ type }) => type === 'run.finished' || type === 'run.paused')) {
          throw new Error(`the run ended without the event:\n${transcriptOf(events)}`);
        }
        if (over) throw new Error('the command ended without the event');
        // The command shares the processors with this: each look opens the log and reads all of the run.
        await wait(25);
      }
      throw new Error('the event did not come');
    },
  };
  return world;
}

/** Skips the test where no engine answers, by name of what is missing. */
export async function needsDocker(t: TestContext): Promise<boolean> {
  const state = await findEngine({ signal: AbortSignal.timeout(10_000) });
  if (state.kind === 'ready') return true;
  t.skip(`needs Docker: ${engineError(state).message}`);
  return false;
}

/** Ids of the containers of a run that are there now, running or not. */
export async function containersOf(run: string): Promise<readonly string[]> {
  const state = await findEngine({ signal: AbortSignal.timeout(10_000) });
  if (state.kind !== 'ready') return [];
  const found = await dockerOf(state.engine).listContainers({
    all: true,
    filters: { label: [`strata.run=${run}`] },
  });
  return found.map(({ Id }) => Id);
}

/** True as soon as the containers of the run are gone; they need a moment after their owner was killed. */
export async function containersGone(run: string): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await containersOf(run)).length === 0) return true;
    await wait(100);
  }
  return false;
}

export function newestRun(world: CliWorld): string {
  const store = openRunStore(path.join(folderHome(world.home, world.workspace), 'runs.db'), Date.now);
  try {
    const [newest] = store.list({ limit: 1 });
    if (!newest) throw new Error('there is no run');
    return newest.id;
  } finally {
    store.dispose();
  }
}

function newestEvents(store: RunStore): readonly RunEvent[] {
  const [newest] = store.list({ limit: 1 });
  return newest ? store.read(newest.id) : [];
}

/** What the run did, for a message that has to explain itself. */
function transcriptOf(events: readonly RunEvent[]): string {
  const steps = foldRun(events)?.steps ?? [];
  return steps
    .map(({ id, kind, name, status, notes }) =>
      [`${id} ${kind} ${name}: ${status}`, ...notes.map(({ text }) => `    ${text}`)].join('\n'),
    )
    .join('\n');
}

function hasLog(home: string): boolean {
  try {
    return readdirSync(path.join(home, 'folders')).some((name) =>
      readdirSync(path.join(home, 'folders', name)).includes('runs.db'),
    );
  } catch {
    return false;
  }
}
