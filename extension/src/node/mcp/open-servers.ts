import { isStrataError, type StrataError } from '../../base/errors.ts';
import type { ToolServer } from '../../core/tools/tool.ts';
import { hostLauncher } from './host-process.ts';
import { openMcpServer } from './mcp-server.ts';
import type { ServerLauncher } from './server-process.ts';
import { builtInEffect } from './tools.ts';

export interface ServerOptions {
  /** Holds `<server>/Dockerfile` and `<server>/server.mjs` of each built-in server. */
  readonly serversDir: string;
  /** What the tools work in. */
  readonly folder: string;
  /** The folder is the run's own copy; otherwise it is the user's workspace itself. */
  readonly ownCopy: boolean;
  /** Offer the reading tools only. */
  readonly readOnly?: boolean;
  /** For the containers' labels. */
  readonly labels: { readonly folder: string; readonly run: string };
  /** Default: node:22-slim. */
  readonly baseImage?: string;
  readonly onProgress?: (text: string) => void;
}

/** Either containers can be started, or why not. */
type Sandbox = { readonly launch: ServerLauncher } | { readonly missing: StrataError };

/**
 * The built-in servers on one folder. Nothing starts before the first `list` or `call`. Without a Docker engine `files`
 * runs on this machine, reading only, and `shell` says what Docker would add.
 */
export function openToolServers(options: ServerOptions): readonly ToolServer[] {
  const sandbox = openSandbox(options);
  const effectOf = builtInEffect(options);
  const onHost = hostLauncher(options);
  const files = openMcpServer({
    name: 'files',
    effectOf,
    callLimitMs: 60_000,
    launch: async (name, signal) => {
      const found = await sandbox(signal);
      return 'launch' in found ? found.launch(name, signal) : onHost(name, signal);
    },
  });
  const shell = openMcpServer({
    name: 'shell',
    effectOf,
    callLimitMs: 630_000, // Above the longest limit that a command may be given.
    launch: async (name, signal) => {
      const found = await sandbox(signal);
      if ('missing' in found) throw found.missing;
      return found.launch(name, signal);
    },
  });
  if (options.readOnly) return [files];
  return [readOnlyAware(files, sandbox), shell];
}

/**
 * A run that was started with Docker and is resumed without it asks for tools that the variant on this machine does not
 * have. That is no mistake of the model: the engine is missing, and the run can be resumed when it is back.
 */
function readOnlyAware(files: ToolServer, sandbox: (signal: AbortSignal) => Promise<Sandbox>): ToolServer {
  return {
    name: files.name,
    list: (signal) => files.list(signal),
    dispose: () => files.dispose(),
    call: async (tool, call) => {
      const found = await sandbox(call.signal);
      if ('missing' in found) {
        const tools = await files.list(call.signal);
        if (!tools.some(({ name }) => name === tool)) throw found.missing;
      }
      return files.call(tool, call);
    },
  };
}

/** Looks for an engine once, at the first need, and sweeps what dead owners left there. */
function openSandbox(options: ServerOptions): (signal: AbortSignal) => Promise<Sandbox> {
  let sandbox: Promise<Sandbox> | undefined;
  return (signal) => {
    sandbox ??= findSandbox(options, signal);
    sandbox.catch(() => (sandbox = undefined));
    return sandbox;
  };
}

async function findSandbox(options: ServerOptions, signal: AbortSignal): Promise<Sandbox> {
  const { containerLauncher, engineError, findEngine, sweepContainers } = await import('../docker/index.ts');
  const state = await findEngine({ signal });
  if (state.kind !== 'ready') return { missing: engineError(state) };
  const onProgress = options.onProgress ?? (() => undefined);
  try {
    const swept = await sweepContainers(state.engine, signal);
    if (swept > 0) onProgress(`Removed ${swept} containers that an earlier process left`);
  } catch (error) {
    signal.throwIfAborted();
    if (isStrataError(error)) throw error;
    onProgress('Containers that an earlier process left could not be removed'); // They hold memory, nothing else.
  }
  const base = options.baseImage === undefined ? {} : { base: options.baseImage };
  const { serversDir, folder, ownCopy, labels } = options;
  const launch = containerLauncher({
    engine: state.engine,
    serversDir,
    folder,
    ownCopy,
    readOnly: options.readOnly ?? false,
    labels,
    onProgress,
    ...base,
  });
  return { launch };
}
