import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from './base/disposable.ts';
import type { Json } from './base/json.ts';
import { hasRealModel } from './core/models/index.ts';
import type { Environment, Keys, ModelsDesk, ResolvedRoutes } from './core/models/index.ts';
import type { Memory } from './core/memory/index.ts';
import {
  createLentChats,
  forkRun,
  fromPayload,
  modelsAlone,
  newestTree,
  parseRunInput,
  replayHalf,
  replayRun,
  rerunRun,
  resumeRun,
  startGatewayRun,
  startRun,
  treesOf,
} from './core/orchestration/index.ts';
import type {
  ApprovalAnswer,
  ApprovalRequest,
  ForkRequest,
  LentChats,
  ReplayReport,
  RunEnvironment,
  RunHandle,
  RunResources,
  UnknownDecision,
} from './core/orchestration/index.ts';
import { createSamplingDesk, EXPANSION_ROUTE } from './core/tools/index.ts';
import type { Tool, ToolHost, Tools } from './core/tools/index.ts';
import { folderChanges } from './folder-changes.ts';
import type { FolderChanges } from './folder-changes.ts';
import { folderExport } from './folder-export.ts';
import type { FolderExportHost } from './folder-export.ts';
import { folderTraces } from './folder-traces.ts';
import type { FolderTraces } from './folder-traces.ts';
import { folderMissing, folderUnreadable } from './folder-errors.ts';
import { openGatewaySession } from './folder-gateway.ts';
import type { GatewayParts } from './folder-gateway.ts';
import { mayWrite, readGatewayInput, readRunInput } from './folder-input.ts';
import type { RunRequest } from './folder-input.ts';
import type { FolderEpisodes } from './folder-episodes.ts';
import { adoptingNotes, folderMemory } from './folder-memory.ts';
import type { SharedMemorySettings } from './folder-shared-memory.ts';
import { folderModels } from './folder-models.ts';
import type { FolderModelsHost } from './folder-models.ts';
import { folderOtherWords } from './folder-expansion.ts';
import type { FolderOtherWords } from './folder-expansion.ts';
import { folderSecrets } from './folder-secrets.ts';
import { folderTools } from './folder-tools.ts';
import type { FolderToolsHost } from './folder-tools.ts';
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
import type { RunTools } from './node/tool-host/index.ts';
import { newRunId } from './node/run-id.ts';
import { openMetrics, openRunStore } from './node/sqlite/index.ts';
import type { RunMetricsStore, RunStore } from './node/sqlite/index.ts';
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
  readonly tools: FolderToolsHost;
  readonly models?: Pick<FolderModelsHost, 'settings' | 'editorModels' | 'onBudget'>;
  /** Where runs are exported to as they end. */
  readonly exports?: FolderExportHost;
  /** Whether notes may be written into the folder; they may where nothing is said. */
  readonly mayWriteNotes?: () => boolean;
  /** Variables that name the proxy; a host without settings has them in its environment. */
  readonly proxy?: () => Environment;
  /** The setting `strata.memory.embedder`; a host without settings takes STRATA_EMBEDDER of its environment. */
  readonly embedder?: () => Json | undefined;
  /** The settings `strata.memory.uri` and `.storageOptions`; without an address memory stays on this machine. */
  readonly sharedMemory?: () => SharedMemorySettings;
  /** The setting `strata.memory.expandQueries`, which is on where nothing is said. */
  readonly expandQueries?: () => boolean;
  /** The setting `strata.observability.user`; a host without settings takes STRATA_USER of its environment. */
  readonly user?: () => Json | undefined;
  /** Told of every run that a step starts or takes up. */
  readonly onSubRun?: (handle: RunHandle) => void;
}

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

  const openFor = async (
    tool: string | undefined,
    ...[run, input, view]: Parameters<RunEnvironment['open']>
  ): Promise<RunResources> => {
    if (input.program.kind === 'chat') return modelsAlone(await models.forRun(run, input));
    const tree = newestTree(view);
    const kind = mayWrite(input) ? 'write' : 'read';
    const isNew = view.isolation === 'copy' && tree === undefined;
    const [ofRun, files, slot] = await Promise.all([
      models.forRun(run, input),
      openFiles(run, view.isolation, tree),
      isNew ? tools.takeSlot(kind) : undefined,
    ]);
    // The run that it was forked from may be removed before it.
    if (view.origin.kind === 'fork') await files.adopt(treesOf(view), AbortSignal.timeout(ADOPT_LIMIT_MS));
    const warmed = (await slot?.moveTo(files.folder)) ? slot : undefined;
    if (!warmed) await slot?.dispose();
    const place = {
      folder: files.folder,
      ownCopy: view.isolation === 'copy',
      readOnly: kind === 'read',
      run,
    };
    const { registry, face, dispose } = await tools.open({
      place,
      slot: warmed,
      sample: sampling.sample,
      startAhead: tool === undefined,
      ...(tool === undefined ? {} : { tool }),
      onProgress: () => undefined,
    });
    // Not while this run begins, which has more to do than enough.
    if (isNew) after(REFILL_MS, () => tools.warm(kind));
    return {
      models: ofRun,
      timesAllowed: () => models.timesAllowed(run, input),
      memory,
      files,
      tools: registry,
      sampling,
      serverOf: face,
      approve: host.approve,
      decideUnknown: host.decideUnknown,
      dispose: async () => {
        await dispose();
        // What a sub-run did is in its snapshots; one that goes on makes its copy anew.
        if (input.depth > 0) await files.discard();
      },
    };
  };

  const user = folderUser({ folder, setting: host.user, env: host.env, secrets });
  const environment: RunEnvironment = {
    log: store,
    now: Date.now,
    after,
    newRunId: () => newRunId(Date.now()),
    open: (...given) => openFor(undefined, ...given),
    ...(host.onSubRun ? { onRun: host.onSubRun } : {}),
    folder,
    isolation: host.isolation,
    strata: host.version,
    user: user.name,
  };

  /** Looks at the tools without a run. */
  const looking = async <T>(work: (opened: RunTools) => Promise<T>): Promise<T> => {
    const opened = await tools.open({ place: tools.nowhere, startAhead: false, onProgress: () => undefined });
    try {
      return await work(opened);
    } finally {
      await opened.dispose();
    }
  };
  const catalogue: Tools['catalogue'] = (signal, onProgress) =>
    looking(({ registry }) => registry.catalogue(signal, onProgress));

  const tidy = folderTidy(store, path.join(storage, 'files'), (signal) => tools.tidy(signal));
  const offered = async (signal: AbortSignal): Promise<readonly Tool[]> =>
    (await catalogue(signal, () => undefined)).tools;
  const gatewayParts: GatewayParts = {
    environment,
    input: async (client) => {
      await user.learn();
      return readGatewayInput(folder, client);
    },
    catalogue: offered,
    onDidChangeTools: tools.onDidChangeTools,
    servers: () =>
      looking(({ definitions, face }) =>
        Promise.resolve([
          { name: 'memory', onlyTools: true, files: false },
          ...definitions.map(({ name, origin, sandbox }) => ({
            name,
            onlyTools: origin === 'built-in' || face(name) === undefined,
            files: sandbox.files !== 'none',
          })),
        ]),
      ),
    filesMayHaveChanged: () => true,
    onRun: (handle) => host.onSubRun?.(handle),
    forget: (run) => tidy.remove(run, AbortSignal.timeout(FORGET_LIMIT_MS)),
  };
  let gateway: Promise<Gateway> | undefined;
  const openGateway = async (): Promise<Gateway> => {
    const { openGateway: open } = await import('./node/gateway/index.ts');
    return open({
      openSession: (client) => Promise.resolve(openGatewaySession(gatewayParts, client)),
      servers: async () =>
        (await gatewayParts.servers(AbortSignal.timeout(LIST_LIMIT_MS))).map(({ name }) => name),
      version: host.version,
    });
  };

  /** A person's own call: a run with one call in it. */
  const callAlone: ToolHost['call'] = async (tool, args, { signal, onOutput }) => {
    await user.learn();
    const input = await readGatewayInput(folder, { name: 'Strata', version: host.version });
    const run = startGatewayRun(
      { ...environment, open: (...given) => openFor(tool, ...given) },
      { ...input, task: `Call ${tool}` },
      { filesMayHaveChanged: () => false, touchesFiles: () => false },
    );
    host.onSubRun?.(run.handle);
    try {
      const result = await run.call(tool, args, { signal, caller: { onOutput } });
      return { run: run.handle.run, result };
    } finally {
      await run.end();
    }
  };

  const otherWords = folderOtherWords(environment, models.routes, (handle) => host.onSubRun?.(handle));
  const chats = createLentChats(environment, 'vscode', (handle) => host.onSubRun?.(handle));

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
    gatewaySession: (client) => openGatewaySession(gatewayParts, client),
    gateway: () => {
      gateway ??= openGateway();
      gateway.catch(() => (gateway = undefined));
      return gateway;
    },
    otherWords: {
      ...otherWords,
      ask: (...asked) => user.learn().then(() => otherWords.ask(...asked)),
    },
    chats: { ask: (...asked) => user.learn().then(() => chats.ask(...asked)) },
    tools: catalogue,
    toolHost: { ...tools, call: callAlone },
    warm: () => tools.warm('write'),
    dispose: async () => {
      // One that could not be opened has left nothing.
      await (await gateway?.catch(() => undefined))?.dispose();
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

function after(ms: number, callback: () => void): Disposable {
  const timer = setTimeout(callback, ms);
  return { dispose: () => clearTimeout(timer) };
}

/** Servers for the next run are started this long after one has begun. */
const REFILL_MS = 5_000;
const ADOPT_LIMIT_MS = 60_000;
const FORGET_LIMIT_MS = 60_000;
/** Images may have to be built first. */
const LIST_LIMIT_MS = 5 * 60_000;

/** The demo model speaks about as fast as a quick real one, so that what streams can be read. */
const DEMO_PIECE_MS = 12;

function demoPace(signal: AbortSignal): Promise<void> {
  return delay(DEMO_PIECE_MS, undefined, { signal }).catch(() => undefined);
}
