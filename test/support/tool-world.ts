import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Json, JsonObject } from '../../extension/src/base/json.ts';
import { BUILT_IN_SERVERS } from '../../extension/src/core/tools/built-in-servers.ts';
import type { Tools, ToolServer, ToolSurroundings } from '../../extension/src/core/tools/index.ts';
import { openSandboxes, type Engine } from '../../extension/src/node/docker/index.ts';
import type { ServerLauncher } from '../../extension/src/node/mcp/index.ts';
import { openToolHost, type FolderTools } from '../../extension/src/node/tool-host/index.ts';
import { said } from './docker-world.ts';

/** Holds `mcp-servers/` and `sandbox/`, as they ship. Integration tests run after a build. */
export const BUNDLES = join(import.meta.dirname, '../../dist');

/** Nobody is there, and everything is agreed to. */
export const agreeing: ToolSurroundings = {
  secret: () => Promise.resolve(undefined),
  confirmSetUp: () => Promise.resolve(true),
  elicit: () => Promise.resolve({ action: 'cancel' }),
  openAddress: () => Promise.resolve(false),
  isTrusted: () => true,
};

export interface HostWorld {
  readonly host: FolderTools;
  readonly workspace: string;
  /** Writes a file of the workspace. */
  write(name: string, value: JsonObject | string): void;
  remove(): Promise<void>;
}

export interface OtherServers {
  /** Of a person's settings. */
  readonly user?: () => Json;
  readonly editor?: readonly ToolServer[];
}

/** The servers of a workspace folder of their own. */
export function hostWorld(
  surroundings: Partial<ToolSurroundings> = {},
  { user, editor = [] }: OtherServers = {},
): HostWorld {
  const root = mkdtempSync(join(tmpdir(), 'strata-tool-host-'));
  const workspace = join(root, 'workspace');
  mkdirSync(workspace);
  const timers = new Set<NodeJS.Timeout>();
  const host = openToolHost({
    folder: workspace,
    storageDir: join(root, 'storage'),
    bundles: BUNDLES,
    baseImage: 'node:22-slim',
    userServers: () => user?.(),
    surroundings: { ...agreeing, ...surroundings },
    inProcess: [],
    editor,
    warm: true,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      timers.add(timer);
      return { dispose: () => clearTimeout(timer) };
    },
    registry: () => Promise.resolve({ now: Date.now }),
  });
  return {
    host,
    workspace,
    write: (name, value) => {
      const file = join(workspace, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
    },
    remove: async () => {
      await host.dispose();
      for (const timer of timers) clearTimeout(timer);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export interface OpenedTools extends Tools {
  /** A call that reads as one line in a test. */
  say(tool: string, args: JsonObject): Promise<string>;
}

export interface FolderRequest {
  readonly folder: string;
  readonly run: string;
  readonly ownCopy?: boolean;
  readonly readOnly?: boolean;
  /** Hosts that `shell` may reach. */
  readonly network?: readonly string[];
}

/** The servers `files` and `shell` on a folder, as a run has them. */
export async function openTools({
  folder,
  run,
  ownCopy = true,
  readOnly = false,
  network = [],
}: FolderRequest): Promise<OpenedTools> {
  const world = hostWorld();
  const off = { enabled: false };
  const shell = network.length === 0 ? {} : { shell: { network: [...network] } };
  world.write('.strata/tools.jsonc', { servers: { code: off, git: off, ...shell } });
  if (network.length > 0) {
    const signal = AbortSignal.timeout(120_000);
    await world.host.setUp('shell', { agreed: true, signal, onProgress: () => undefined });
  }
  const place = { folder, ownCopy, readOnly, run };
  const opened = await world.host.open({ place, startAhead: false, onProgress: () => undefined });
  const { registry } = opened;
  return {
    ...registry,
    say: async (tool, args) => {
      const signal = AbortSignal.timeout(120_000);
      return said(await registry.call(tool, { arguments: args, signal, onOutput: () => undefined }));
    },
    dispose: async () => {
      await registry.dispose();
      await world.remove();
    },
  };
}

/** Starts a built-in server in its container, on a folder. */
export function launcherOn(engine: Engine, { folder, run, ownCopy = true }: FolderRequest): ServerLauncher {
  const sandboxes = openSandboxes({
    engine,
    bundles: BUNDLES,
    workspace: folder,
    baseImage: 'node:22-slim',
    onProgress: () => undefined,
  });
  return async (name, signal) => {
    const definition = BUILT_IN_SERVERS.find((one) => one.name === name);
    if (!definition) throw new Error(`there is no server ${name}`);
    const image = await sandboxes.prepare(definition, { signal, onProgress: () => undefined });
    const place = { folder, ownCopy, readOnly: false, run };
    return sandboxes.start({ definition, image, place, secrets: {}, signal });
  };
}
