import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Json } from './base/json.ts';
import { createDemoProvider } from './core/models/demo/demo-provider.ts';
import { readRouteConfig, resolveRoutes } from './core/models/index.ts';
import type { Environment, Keys, ResolvedRoutes } from './core/models/index.ts';
import type { Memory } from './core/memory/index.ts';
import {
  changesOf,
  fromPayload,
  mayUse,
  newestTree,
  replayRun,
  resumeRun,
  startRun,
  unknownAgent,
} from './core/orchestration/index.ts';
import type {
  ApprovalAnswer,
  ApprovalRequest,
  Lease,
  ReplayReport,
  RunChanges,
  RunEnvironment,
  RunHandle,
  RunResources,
  UnknownDecision,
} from './core/orchestration/index.ts';
import { createTools, memoryServer, readToolPolicy } from './core/tools/index.ts';
import type { Tools } from './core/tools/index.ts';
import { folderMissing, folderUnreadable, nothingChanged } from './folder-errors.ts';
import { loadAgents } from './node/agents/load-agents.ts';
import type { LoadedAgents } from './node/agents/load-agents.ts';
import { openRunFiles } from './node/git/index.ts';
import type { Applied, GitRunFiles } from './node/git/index.ts';
import { folderHome } from './node/home.ts';
import { openMemory } from './node/lancedb/index.ts';
import type { ServerOptions } from './node/mcp/index.ts';
import { createModels, probeOllama } from './node/providers/index.ts';
import { readSettings } from './node/read-settings.ts';
import { newRunId } from './node/run-id.ts';
import { openRunStore } from './node/sqlite/index.ts';
import type { RunStore } from './node/sqlite/index.ts';
import type { Isolation, Payload, RunId, StepId } from './protocol/run-event.ts';
import { foldRun, stepOf } from './protocol/run-view.ts';
import type { RunView, StepView } from './protocol/run-view.ts';

/** What the surroundings (the editor, the terminal) give to a folder. */
export interface FolderHost {
  /** Strata's own storage, see `strataHome`. */
  readonly home: string;
  readonly version: string;
  readonly env: Environment;
  readonly keys: Keys;
  /** Folder that holds the bundles: tool servers and the memory's process. */
  readonly bundles: string;
  readonly isolation: Isolation;
  readonly baseImage: string;
  readonly approve: (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalAnswer>;
  readonly decideUnknown: (step: StepView) => Promise<UnknownDecision>;
}

/** One workspace folder with its runs, its memory and its agents: the second of the three lifetimes. */
export interface StrataFolder {
  /** Real path. */
  readonly folder: string;
  readonly store: RunStore;
  readonly memory: Memory;
  agents(): Promise<LoadedAgents>;
  routes(): Promise<ResolvedRoutes>;
  /** Throws before anything is recorded when the agent or a file of `.strata/` has a mistake. */
  start(request: { readonly agent: string; readonly task: string }): Promise<RunHandle>;
  resume(run: RunId): Promise<RunHandle>;
  replay(run: RunId, onStep?: (step: StepView) => void): Promise<ReplayReport>;
  view(run: RunId): RunView | undefined;
  readonly payload: (payload: Payload) => Json;
  changes(run: RunId): RunChanges | undefined;
  /** Unified text of what the run changed, or one step of it. */
  diff(run: RunId, signal: AbortSignal, step?: StepId): Promise<string>;
  apply(run: RunId, signal: AbortSignal): Promise<Applied>;
  discard(run: RunId): Promise<void>;
  /** All tools that an agent could use here; their servers are started for it and stopped again. */
  tools: Tools['catalogue'];
  dispose(): Promise<void>;
}

/** An agent that may use none of these gets the folder read-only, and no container that could run a command. */
const WRITING_TOOLS = [
  'shell_run',
  'files_edit',
  'files_write',
  'files_create',
  'files_delete',
  'files_move',
];

export function openFolder(given: string, host: FolderHost): StrataFolder {
  const folder = existingFolder(given);
  const storage = folderHome(host.home, folder);
  const store = openRunStore(path.join(storage, 'runs.db'), Date.now);
  const memory = openMemory({
    folder,
    storageDir: path.join(storage, 'memory'),
    childPath: path.join(host.bundles, 'memory-child.cjs'),
  });

  const routes = async (): Promise<ResolvedRoutes> =>
    resolveRoutes({
      config: await readSettings(folder, 'models.jsonc', readRouteConfig),
      keys: host.keys,
      env: host.env,
      probeOllama: () => probeOllama(host.env),
    });

  /** Without a tree nothing is made on the disk: reading and applying need the snapshots alone. */
  const openFiles = (run: RunId, isolation: Isolation, tree?: string): Promise<GitRunFiles> =>
    openRunFiles({
      workspace: folder,
      storageDir: path.join(storage, 'files'),
      run,
      isolation,
      ...(tree === undefined ? {} : { tree }),
    });

  const openTools = async (
    options: Pick<ServerOptions, 'folder' | 'ownCopy' | 'readOnly' | 'labels'>,
  ): Promise<Tools> => {
    const { argumentMistakes, openToolServers } = await import('./node/mcp/index.ts');
    let progress = (_text: string): void => undefined;
    const servers = openToolServers({
      ...options,
      serversDir: path.join(host.bundles, 'mcp-servers'),
      baseImage: host.baseImage,
      onProgress: (text) => progress(text),
    });
    const tools = createTools({ servers: [memoryServer(memory), ...servers], argumentMistakes });
    return {
      ...tools,
      catalogue: (signal, onProgress) => {
        progress = onProgress;
        return tools.catalogue(signal, onProgress);
      },
    };
  };

  const open: RunEnvironment['open'] = async (run, input, view): Promise<RunResources> => {
    const [resolved, files] = await Promise.all([routes(), openFiles(run, view.isolation, newestTree(view))]);
    const tools = await openTools({
      folder: files.folder,
      ownCopy: view.isolation === 'copy',
      readOnly: !WRITING_TOOLS.some((tool) => mayUse(input.agent, tool)),
      labels: { folder, run },
    });
    return {
      models: createModels({
        routes: resolved.routes,
        keys: host.keys,
        env: host.env,
        openDemo: () => Promise.resolve(createDemoProvider({ pace: demoPace })),
      }),
      memory,
      files,
      tools,
      approve: host.approve,
      decideUnknown: host.decideUnknown,
      dispose: () => tools.dispose(),
    };
  };

  const environment: RunEnvironment = {
    log: store,
    now: Date.now,
    newRunId: () => newRunId(Date.now()),
    open,
    folder,
    isolation: host.isolation,
    strata: host.version,
  };

  const view = (run: RunId): RunView | undefined => foldRun(store.read(run));

  const changedRun = (run: RunId): { readonly changes: RunChanges; readonly isolation: Isolation } => {
    const seen = view(run);
    const changes = seen && changesOf(seen);
    if (!changes) throw nothingChanged(run);
    return { changes, isolation: seen.isolation };
  };

  return {
    folder,
    store,
    memory,
    agents: () => loadAgents(folder),
    routes,
    start: async ({ agent: name, task }) => {
      const { agents, mistakes } = await loadAgents(folder);
      const mistake = mistakes.get(name);
      if (mistake) throw mistake;
      const agent = agents.get(name);
      if (!agent) throw unknownAgent(name, [...agents.keys()], [...mistakes.values()]);
      const policy = await readSettings(folder, 'tools.jsonc', readToolPolicy);
      await readSettings(folder, 'models.jsonc', readRouteConfig);
      return startRun(environment, { agent, task, approval: policy?.approval ?? {} });
    },
    resume: async (run) => resumeRun(environment, run),
    replay: (run, onStep = () => undefined) => replayRun(store, run, onStep),
    view,
    payload: (payload) => fromPayload(store, payload),
    changes: (run) => {
      const seen = view(run);
      return seen && changesOf(seen);
    },
    diff: async (run, signal, step) => {
      const seen = view(run);
      const changed = seen && step !== undefined ? stepOf(seen, step)?.files : undefined;
      const changes = changed ? { base: changed.before, result: changed.after } : seen && changesOf(seen);
      return seen && changes
        ? (await openFiles(run, seen.isolation)).diff(changes.base, changes.result, signal)
        : '';
    },
    apply: (run, signal) =>
      deciding(store, run, async (lease) => {
        const { changes, isolation } = changedRun(run);
        const files = await openFiles(run, isolation);
        const applied = await files.apply(changes, signal);
        if (applied.kind === 'conflict') return applied;
        store.append(lease, [{ type: 'run.changes', decision: 'applied', paths: changes.paths }]);
        // The snapshots hold all that the run made; its copy would only take up room.
        await files.discard();
        return applied;
      }),
    discard: (run) =>
      deciding(store, run, async (lease) => {
        const { changes, isolation } = changedRun(run);
        await (await openFiles(run, isolation)).discard();
        store.append(lease, [{ type: 'run.changes', decision: 'discarded', paths: changes.paths }]);
      }),
    tools: async (signal, onProgress) => {
      // Looking at the tools needs a folder to mount, and the user's own is none of their business.
      const empty = path.join(storage, 'empty');
      await mkdir(empty, { recursive: true });
      const tools = await openTools({
        folder: empty,
        ownCopy: true,
        readOnly: false,
        labels: { folder, run: 'catalogue' },
      });
      try {
        return await tools.catalogue(signal, onProgress);
      } finally {
        await tools.dispose();
      }
    },
    dispose: async () => {
      await memory.dispose();
      store.dispose();
    },
  };
}

function existingFolder(folder: string): string {
  let real: string;
  try {
    real = realpathSync(folder);
    if (!statSync(real).isDirectory()) throw new Error('It is a file.');
  } catch (error) {
    throw folderMissing(folder, error);
  }
  try {
    accessSync(real, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw folderUnreadable(real, error);
  }
  return real;
}

/** The demo model speaks about as fast as a quick real one, so that what streams can be read. */
const DEMO_PIECE_MS = 12;

function demoPace(signal: AbortSignal): Promise<void> {
  return delay(DEMO_PIECE_MS, undefined, { signal }).catch(() => undefined);
}

/** Nobody may work on a run while its changes are being decided on. */
async function deciding<T>(store: RunStore, run: RunId, work: (lease: Lease) => Promise<T>): Promise<T> {
  const lease = store.acquire(run);
  try {
    return await work(lease);
  } finally {
    store.release(lease);
  }
}
