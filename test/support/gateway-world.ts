import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Emitter } from '../../extension/src/base/event.ts';
import type {
  ApprovalAnswer,
  ApprovalRequest,
  RunEnvironment,
  RunInput,
} from '../../extension/src/core/orchestration/index.ts';
import { replayRun } from '../../extension/src/core/orchestration/index.ts';
import { createTools } from '../../extension/src/core/tools/index.ts';
import type { RegistryOptions, ToolServer } from '../../extension/src/core/tools/index.ts';
import { openGatewaySession } from '../../extension/src/folder-gateway.ts';
import type { GatewayParts, ServerInGateway } from '../../extension/src/folder-gateway.ts';
import { openRunFiles } from '../../extension/src/node/git/index.ts';
import { openGateway } from '../../extension/src/node/gateway/index.ts';
import type {
  Gateway,
  GatewayLimits,
  GatewaySession,
  OpenSession,
} from '../../extension/src/node/gateway/index.ts';
import { argumentMistakes } from '../../extension/src/node/mcp/index.ts';
import { newRunId } from '../../extension/src/node/run-id.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../extension/src/node/sqlite/index.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';

/** A gateway around real parts: run log, run files, registry. Its servers are the test's own. */
export interface GatewayWorld {
  readonly folder: string;
  readonly store: RunStore;
  readonly gateway: Gateway;
  readonly openSession: OpenSession;
  /** Newest first. */
  runs(): readonly RunView[];
  /** The verdict of a replay of the run. */
  replay(run: string): Promise<string>;
  toolsChanged(): void;
  dispose(): Promise<void>;
}

export interface GatewayWorldOptions {
  /** Opened for each run, and once for looking at the tools. */
  readonly servers: (folder: string) => readonly ToolServer[];
  readonly about?: readonly ServerInGateway[];
  readonly registry?: Partial<Pick<RegistryOptions, 'about' | 'cache' | 'limits'>>;
  readonly approval?: RunInput['approval'];
  readonly approve?: (request: ApprovalRequest, signal: AbortSignal) => Promise<ApprovalAnswer>;
  readonly limits?: Partial<GatewayLimits>;
  readonly files?: Readonly<Record<string, string>>;
  /** All clients work in one session, so that only the first of them waits for servers to start. */
  readonly oneSession?: boolean;
}

export async function gatewayWorld(options: GatewayWorldOptions): Promise<GatewayWorld> {
  const home = mkdtempSync(path.join(tmpdir(), 'strata-gateway-'));
  const folder = path.join(home, 'folder');
  await mkdir(folder);
  for (const [name, text] of Object.entries(options.files ?? {}))
    await writeFile(path.join(folder, name), text);
  const store = openRunStore(path.join(home, 'runs.db'), Date.now);
  const changed = new Emitter<void>();
  const toolsOn = (at: string) => {
    const servers = options.servers(at);
    return { servers, tools: createTools({ servers, argumentMistakes, now: Date.now, ...options.registry }) };
  };

  const environment: RunEnvironment = {
    log: store,
    now: Date.now,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return { dispose: () => clearTimeout(timer) };
    },
    newRunId: () => newRunId(Date.now()),
    folder,
    isolation: 'copy',
    strata: 'test',
    open: async (run, _input, view) => {
      const files = await openRunFiles({
        workspace: folder,
        storageDir: path.join(home, 'files'),
        run,
        isolation: view.isolation,
      });
      const { servers, tools } = toolsOn(files.folder);
      return {
        models: { chat: () => Promise.reject(new Error('no model is asked')) },
        memory: untouched,
        files,
        tools,
        serverOf: (name) => servers.find((server) => server.name === name),
        approve: options.approve ?? (() => Promise.resolve({ allowed: false, reason: 'nobody is there' })),
        decideUnknown: () => Promise.resolve('pause'),
        dispose: () => tools.dispose(),
      };
    },
  };
  const looking = toolsOn(folder);
  const about =
    options.about ?? looking.servers.map(({ name }) => ({ name, onlyTools: false, files: false }));
  const parts: GatewayParts = {
    environment,
    input: (client) =>
      Promise.resolve({
        program: { kind: 'gateway', client },
        task: `Tool calls of ${client.name} ${client.version}`,
        approval: options.approval ?? { '*': 'allow' },
        agents: {},
        depth: 0,
      }),
    catalogue: async (signal) => (await looking.tools.catalogue(signal, () => undefined)).tools,
    onDidChangeTools: changed.event,
    servers: () => Promise.resolve(about),
    filesMayHaveChanged: () => true,
    onRun: () => undefined,
    forget: (run) => Promise.resolve(store.remove(run)),
  };
  let first: GatewaySession | undefined;
  const openSession: OpenSession = (client) => {
    const session = first ?? openGatewaySession(parts, client);
    if (options.oneSession) first = session;
    return Promise.resolve(session);
  };
  const gateway = await openGateway({
    openSession,
    servers: () => Promise.resolve(about.map(({ name }) => name)),
    version: '1.2.3',
    ...(options.limits ? { limits: options.limits } : {}),
  });
  return {
    folder,
    store,
    gateway,
    openSession,
    runs: () => store.list().flatMap(({ id }) => foldRun(store.read(id)) ?? []),
    replay: async (run) => (await replayRun(store, run, () => undefined)).verdict,
    toolsChanged: () => changed.fire(),
    dispose: async () => {
      await gateway.dispose();
      await first?.close();
      await looking.tools.dispose();
      store.dispose();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const untouched = {
  index: () => Promise.reject(new Error('memory is not touched')),
  recall: () => Promise.resolve([]),
  remember: () => Promise.resolve(),
};
