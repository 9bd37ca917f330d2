import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from './base/disposable.ts';
import type { Json } from './base/json.ts';
import { hasRealModel } from './core/models/index.ts';
import type { ModelsDesk, ResolvedRoutes } from './core/models/index.ts';
import type { Memory } from './core/memory/index.ts';
import {
  createLentChats,
  forkRun,
  fromPayload,
  parseRunInput,
  replayHalf,
  replayRun,
  rerunRun,
  resumeRun,
  startRun,
} from './core/orchestration/index.ts';
import type {
  ForkRequest,
  LentChats,
  ReplayReport,
  RunEnvironment,
  RunHandle,
} from './core/orchestration/index.ts';
import { createSamplingDesk, EXPANSION_ROUTE } from './core/tools/index.ts';
import type { ToolHost, Tools } from './core/tools/index.ts';
import { folderChanges } from './folder-changes.ts';
import type { FolderChanges } from './folder-changes.ts';
import { existingFolder } from './folder-existing.ts';
import { folderExport } from './folder-export.ts';
import { folderTraces } from './folder-traces.ts';
import type { FolderTraces } from './folder-traces.ts';
import type { FolderHost } from './folder-host.ts';
import { folderLending } from './folder-lending.ts';
import { folderResources } from './folder-resources.ts';
import { readRunInput } from './folder-input.ts';
import type { RunRequest } from './folder-input.ts';
import type { FolderEpisodes } from './folder-episodes.ts';
import { adoptingNotes, folderMemory } from './folder-memory.ts';
import { folderModels } from './folder-models.ts';
import { folderOtherWords } from './folder-expansion.ts';
import type { FolderOtherWords } from './folder-expansion.ts';
import { folderSecrets } from './folder-secrets.ts';
import { folderTools } from './folder-tools.ts';
import { folderTidy } from './folder-tidy.ts';
import type { FolderTidy } from './folder-tidy.ts';
import { folderUser } from './folder-user.ts';
import { loadAgents } from './node/agents/load-agents.ts';
import type { LoadedAgents } from './node/agents/load-agents.ts';
import { openRunFiles } from './node/git/index.ts';
import type { GitRunFiles } from './node/git/index.ts';
import type { Gateway, GatewayClient, GatewaySession } from './node/gateway/index.ts';
import type { Notes } from './node/notes/index.ts';
import { embedderHome, folderHome } from './node/home.ts';
import { newRunId } from './node/run-id.ts';
import { openMetrics, openRunStore } from './node/sqlite/index.ts';
import type { RunMetricsStore, RunStore } from './node/sqlite/index.ts';
import type { Isolation, Payload, RunId } from './protocol/run-event.ts';
import { foldRun } from './protocol/run-view.ts';
import type { RunView, StepView } from './protocol/run-view.ts';

/** One workspace folder with its runs, its memory and its agents: the second of the three lifetimes. */
export interface StrataFolder extends FolderChanges, FolderTidy, FolderTraces, FolderEpisodes {
  /** Real path. */
  readonly folder: string;
  readonly store: RunStore;
  readonly metrics: RunMetricsStore;
  readonly memory: Memory;
  /** What `.strata/memory.md` holds. */
  readonly notes: Notes;
  /** Tells the memory of the embedder that settings and keys now say. Throws what is wrong with them. */
  readonly applyMemorySettings: () => Promise<void>;
  agents(): Promise<LoadedAgents>;
  routes(): Promise<ResolvedRoutes>;
  readonly models: ModelsDesk;
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
  /** The tools for other programs: what one of them calls is a run like any other. */
  gatewaySession(client: GatewayClient): GatewaySession;
  /** The same over HTTP on the loopback address; opened at its first use, closed with the folder. */
  gateway(): Promise<Gateway>;
  /** The routes for the editor's own chats: a turn of one is a run like any other. */
  readonly chats: LentChats;
  readonly otherWords: FolderOtherWords;
  /** All tools that an agent could use here. Servers whose tools are known do not start for it. */
  tools: Tools['catalogue'];
  readonly toolHost: ToolHost;
  /** A run will probably be started soon: gets its servers ready, where such are kept. */
  warm(): void;
  dispose(): Promise<void>;
}

export function openFolder(given: string, host: FolderHost): StrataFolder {
  const folder = existingFolder(given);
  const storage = folderHome(host.home, folder);
  const { secrets, keys, surroundings } = folderSecrets(host);
  const store = openRunStore(path.join(storage, 'runs.db'), Date.now, secrets);
  const metrics = openMetrics(path.join(storage, 'runs.db'), path.join(storage, 'metrics.db'));
  const { memory, notes, episodes, applySettings } = folderMemory({
    ...{ folder, storage, store, bundles: host.bundles },
    sharedMemory: host.sharedMemory,
    mayWriteNotes: host.mayWriteNotes ?? (() => true),
    ...{ embedder: host.embedder, proxy: host.proxy },
    embedding: { keys, env: host.env, downloads: embedderHome(host.home) },
  });

  const models = folderModels({
    folder,
    ledgerPath: path.join(host.home, 'spending.db'),
    host: { ...host.models, env: host.env, keys },
    demoPace,
  });

  const exports = folderExport({
    ...{ store, after, env: host.env, keys, routes: models.routes },
    path: path.join(storage, 'export.db'),
    host: host.exports,
  });
  const traces = folderTraces({
    ...{ store, folder, after, version: host.version },
    keptPath: path.join(storage, 'received.db'),
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

  // One for all runs, since the memory is one server for all of them.
  const sampling = createSamplingDesk();
  const tools = folderTools({
    folder,
    storage,
    home: host.home,
    bundles: host.bundles,
    baseImage: host.baseImage,
    memory,
    otherWords: {
      sample: sampling.sample,
      mayAsk: async () =>
        (host.expandQueries?.() ?? true) && hasRealModel(await models.routes(), EXPANSION_ROUTE),
    },
    host: { ...host.tools, surroundings },
    after,
    copyFolder: async (signal) => {
      const files = await openFiles(newRunId(Date.now()), 'copy');
      try {
        await files.begin(signal);
      } catch (error) {
        await files.discard();
        throw error;
      }
      return { folder: files.folder, dispose: () => files.discard() };
    },
  });

  const resourcesFor = folderResources({ models, memory, tools, sampling, openFiles, host, after });

  const user = folderUser({ folder, setting: host.user, env: host.env, secrets });
  const environment: RunEnvironment = {
    log: store,
    now: Date.now,
    after,
    newRunId: () => newRunId(Date.now()),
    open: resourcesFor(undefined),
    ...(host.onSubRun ? { onRun: host.onSubRun } : {}),
    folder,
    isolation: host.isolation,
    strata: host.version,
    user: user.name,
  };

  const tidy = folderTidy(store, path.join(storage, 'files'), (signal) => tools.tidy(signal));
  const onRun = (handle: RunHandle): void => host.onSubRun?.(handle);
  const lending = folderLending({
    ...{ folder, version: host.version, tools, user, environment, resourcesFor, onRun },
    remove: tidy.remove,
  });
  const otherWords = folderOtherWords(environment, models.routes, onRun);
  const chats = createLentChats(environment, 'vscode', onRun);

  const view = (run: RunId): RunView | undefined => foldRun(store.read(run));
  const changes = folderChanges(store, (seen) => openFiles(seen.id, seen.isolation));

  return {
    ...changes,
    apply: adoptingNotes(changes.apply, notes),
    folder,
    store,
    metrics,
    memory,
    notes,
    applyMemorySettings: applySettings,
    rate: episodes.rate,
    forget: episodes.forget,
    rebuildEpisodes: episodes.rebuildEpisodes,
    agents: () => loadAgents(folder),
    routes: models.routes,
    models,
    start: async (request) => {
      if (request.route !== undefined) await models.mustHave(request.route);
      const [input] = await Promise.all([
        models.config().then((config) => readRunInput(folder, request, config)),
        user.learn(),
      ]);
      return startRun(environment, input);
    },
    resume: async (run) => {
      const seen = view(run);
      const reason = seen?.status === 'paused' ? seen.error?.code : undefined;
      if (seen?.input && reason !== undefined)
        await models.allowAgain(run, parseRunInput(fromPayload(store, seen.input)), reason);
      return resumeRun(environment, run);
    },
    fork: (request) => user.learn().then(() => forkRun(environment, request)),
    rerun: (run) => user.learn().then(() => rerunRun(environment, run)),
    replayHalf: (run, live) => user.learn().then(() => replayHalf(environment, run, live)),
    replay: (run, onStep = () => undefined) => replayRun(store, run, onStep),
    importTraces: traces.importTraces,
    receiveTraces: traces.receiveTraces,
    view,
    payload: (payload) => fromPayload(store, payload),
    ...tidy,
    remove: async (run, signal) => {
      const runs = await tidy.remove(run, signal);
      await episodes.removed(runs);
      return runs;
    },
    gatewaySession: lending.gatewaySession,
    gateway: lending.gateway,
    otherWords: {
      ...otherWords,
      ask: (...asked) => user.learn().then(() => otherWords.ask(...asked)),
    },
    chats: { ask: (...asked) => user.learn().then(() => chats.ask(...asked)) },
    tools: lending.catalogue,
    toolHost: { ...tools, call: lending.call },
    warm: () => tools.warm('write'),
    dispose: async () => {
      await lending.dispose();
      await tools.dispose();
      await traces.dispose();
      await exports.dispose();
      await episodes.dispose();
      await memory.dispose();
      models.dispose();
      metrics.dispose();
      store.dispose();
    },
  };
}

function after(ms: number, callback: () => void): Disposable {
  const timer = setTimeout(callback, ms);
  return { dispose: () => clearTimeout(timer) };
}

/** The demo model speaks about as fast as a quick real one, so that what streams can be read. */
const DEMO_PIECE_MS = 12;

function demoPace(signal: AbortSignal): Promise<void> {
  return delay(DEMO_PIECE_MS, undefined, { signal }).catch(() => undefined);
}
