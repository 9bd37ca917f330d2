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
  forkRun,
  fromPayload,
  newestTree,
  replayHalf,
  replayRun,
  rerunRun,
  resumeRun,
  startRun,
  treesOf,
} from './core/orchestration/index.ts';
import type {
  ApprovalAnswer,
  ApprovalRequest,
  ForkRequest,
  ReplayReport,
  RunEnvironment,
  RunHandle,
  RunResources,
  UnknownDecision,
} from './core/orchestration/index.ts';
import { createTools, memoryServer } from './core/tools/index.ts';
import type { Tools } from './core/tools/index.ts';
import { folderChanges } from './folder-changes.ts';
import type { FolderChanges } from './folder-changes.ts';
import { folderMissing, folderUnreadable } from './folder-errors.ts';
import { mayWrite, readRunInput } from './folder-input.ts';
import type { RunRequest } from './folder-input.ts';
import { folderTidy } from './folder-tidy.ts';
import type { FolderTidy } from './folder-tidy.ts';
import { loadAgents } from './node/agents/load-agents.ts';
import type { LoadedAgents } from './node/agents/load-agents.ts';
import { openRunFiles } from './node/git/index.ts';
import type { GitRunFiles } from './node/git/index.ts';
import { folderHome } from './node/home.ts';
import { openMemory } from './node/lancedb/index.ts';
import type { ServerOptions } from './node/mcp/index.ts';
import { createModels, probeOllama } from './node/providers/index.ts';
import { readSettings } from './node/read-settings.ts';
import { newRunId } from './node/run-id.ts';
import { openRunStore } from './node/sqlite/index.ts';
import type { RunStore } from './node/sqlite/index.ts';
import type { Isolation, Payload, RunId } from './protocol/run-event.ts';
import { foldRun } from './protocol/run-view.ts';
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
  /** Told of every run that a step starts or takes up. */
  readonly onSubRun?: (handle: RunHandle) => void;
}

/** One workspace folder with its runs, its memory and its agents: the second of the three lifetimes. */
export interface StrataFolder extends FolderChanges, FolderTidy {
  /** Real path. */
  readonly folder: string;
  readonly store: RunStore;
  readonly memory: Memory;
  agents(): Promise<LoadedAgents>;
  routes(): Promise<ResolvedRoutes>;
  /** Throws before anything is recorded when the agent or a file of `.strata/` has a mistake. */
  start(request: RunRequest): Promise<RunHandle>;
  resume(run: RunId): Promise<RunHandle>;
  /** A new run that begins with the recorded steps of another and goes on live. */
  fork(request: ForkRequest): Promise<RunHandle>;
  /** A new run with the input and the files of another. */
  rerun(run: RunId): Promise<RunHandle>;
  /** The same, with the other half answered from the log. */
  replayHalf(run: RunId, live: 'models' | 'tools'): Promise<RunHandle>;
  replay(run: RunId, onStep?: (step: StepView) => void): Promise<ReplayReport>;
  view(run: RunId): RunView | undefined;
  readonly payload: (payload: Payload) => Json;
  /** All tools that an agent could use here; their servers are started for it and stopped again. */
  tools: Tools['catalogue'];
  dispose(): Promise<void>;
}

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
    // The run that it was forked from may be removed before it.
    if (view.origin.kind === 'fork') await files.adopt(treesOf(view), AbortSignal.timeout(ADOPT_LIMIT_MS));
    const tools = await openTools({
      folder: files.folder,
      ownCopy: view.isolation === 'copy',
      readOnly: !mayWrite(input),
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
      dispose: async () => {
        await tools.dispose();
        // What a sub-run did is in its snapshots; one that goes on makes its copy anew.
        if (input.depth > 0) await files.discard();
      },
    };
  };

  const environment: RunEnvironment = {
    log: store,
    now: Date.now,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return { dispose: () => clearTimeout(timer) };
    },
    newRunId: () => newRunId(Date.now()),
    open,
    ...(host.onSubRun ? { onRun: host.onSubRun } : {}),
    folder,
    isolation: host.isolation,
    strata: host.version,
  };

  const view = (run: RunId): RunView | undefined => foldRun(store.read(run));

  return {
    ...folderChanges(store, (seen) => openFiles(seen.id, seen.isolation)),
    folder,
    store,
    memory,
    agents: () => loadAgents(folder),
    routes,
    start: async (request) => startRun(environment, await readRunInput(folder, request)),
    resume: async (run) => resumeRun(environment, run),
    fork: async (request) => forkRun(environment, request),
    rerun: async (run) => rerunRun(environment, run),
    replayHalf: async (run, live) => replayHalf(environment, run, live),
    replay: (run, onStep = () => undefined) => replayRun(store, run, onStep),
    view,
    payload: (payload) => fromPayload(store, payload),
    ...folderTidy(store, path.join(storage, 'files')),
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

const ADOPT_LIMIT_MS = 60_000;

/** The demo model speaks about as fast as a quick real one, so that what streams can be read. */
const DEMO_PIECE_MS = 12;

function demoPace(signal: AbortSignal): Promise<void> {
  return delay(DEMO_PIECE_MS, undefined, { signal }).catch(() => undefined);
}
