import { startGatewayRun } from './core/orchestration/index.ts';
import type { RunEnvironment, RunHandle } from './core/orchestration/index.ts';
import type { Tool, ToolHost, Tools } from './core/tools/index.ts';
import { openGatewaySession } from './folder-gateway.ts';
import type { GatewayParts } from './folder-gateway.ts';
import { readGatewayInput } from './folder-input.ts';
import type { FolderTidy } from './folder-tidy.ts';
import type { FolderUser } from './folder-user.ts';
import type { Gateway, GatewayClient, GatewaySession } from './node/gateway/index.ts';
import type { FolderTools, RunTools } from './node/tool-host/index.ts';

export interface FolderLendingParts {
  readonly folder: string;
  readonly version: string;
  readonly tools: FolderTools;
  readonly user: FolderUser;
  readonly environment: RunEnvironment;
  readonly resourcesFor: (tool: string) => RunEnvironment['open'];
  readonly onRun: (handle: RunHandle) => void;
  readonly remove: FolderTidy['remove'];
}

/** The tools of a folder without an agent: looked at, called by a person, and lent to other programs. */
export interface FolderLending {
  /** All tools that an agent could use here. Servers whose tools are known do not start for it. */
  readonly catalogue: Tools['catalogue'];
  /** A person's own call: a run with one call in it. */
  readonly call: ToolHost['call'];
  readonly gatewaySession: (client: GatewayClient) => GatewaySession;
  /** Opened at its first use. */
  readonly gateway: () => Promise<Gateway>;
  readonly dispose: () => Promise<void>;
}

const FORGET_LIMIT_MS = 60_000;
/** Images may have to be built first. */
const LIST_LIMIT_MS = 5 * 60_000;

export function folderLending({
  folder,
  version,
  tools,
  user,
  environment,
  resourcesFor,
  onRun,
  remove,
}: FolderLendingParts): FolderLending {
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
    onRun,
    forget: (run) => remove(run, AbortSignal.timeout(FORGET_LIMIT_MS)),
  };
  let gateway: Promise<Gateway> | undefined;
  const openGateway = async (): Promise<Gateway> => {
    const { openGateway: open } = await import('./node/gateway/index.ts');
    return open({
      openSession: (client) => Promise.resolve(openGatewaySession(gatewayParts, client)),
      servers: async () =>
        (await gatewayParts.servers(AbortSignal.timeout(LIST_LIMIT_MS))).map(({ name }) => name),
      version,
    });
  };

  const callAlone: ToolHost['call'] = async (tool, args, { signal, onOutput }) => {
    await user.learn();
    const input = await readGatewayInput(folder, { name: 'Strata', version });
    const run = startGatewayRun(
      { ...environment, open: resourcesFor(tool) },
      { ...input, task: `Call ${tool}` },
      { filesMayHaveChanged: () => false, touchesFiles: () => false },
    );
    onRun(run.handle);
    try {
      const result = await run.call(tool, args, { signal, caller: { onOutput } });
      return { run: run.handle.run, result };
    } finally {
      await run.end();
    }
  };

  return {
    catalogue,
    call: callAlone,
    gatewaySession: (client) => openGatewaySession(gatewayParts, client),
    gateway: () => {
      gateway ??= openGateway();
      gateway.catch(() => (gateway = undefined));
      return gateway;
    },
    // One that could not be opened has left nothing.
    dispose: async () => (await gateway?.catch(() => undefined))?.dispose(),
  };
}
