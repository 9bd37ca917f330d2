import { join } from 'node:path';
import { BUILT_IN_SERVERS } from '../../../extension/src/core/tools/built-in-servers.ts';
import type { ServerDefinition } from '../../../extension/src/core/tools/index.ts';
import {
  engineError,
  findEngine,
  openSandboxes,
  type Engine,
  type PreparedImage,
  type Sandboxes,
} from '../../../extension/src/node/docker/index.ts';
import { openMcpServer, type McpServerFace } from '../../../extension/src/node/mcp/index.ts';
import type { ServerLauncher } from '../../../extension/src/node/mcp/index.ts';
import { plainChild } from './plain-child.ts';

export const RUN = `bench-${process.pid}`;
export const soon = (): AbortSignal => AbortSignal.timeout(120_000);

/** The two ways to run one server, on one folder. */
export interface ToolsWorld {
  readonly folder: string;
  readonly engine: Engine;
  readonly sandboxes: Sandboxes;
  readonly files: PreparedImage;
  readonly inContainer: ServerLauncher;
  readonly asChild: ServerLauncher;
  open(launch: ServerLauncher): McpServerFace;
  dispose(): Promise<void>;
}

export async function openToolsWorld(folder: string, copy: string): Promise<ToolsWorld> {
  const bundles = join(import.meta.dirname, '../../../dist');
  const found = await findEngine({ signal: soon() });
  if (found.kind !== 'ready') throw engineError(found);
  const { engine } = found;
  const sandboxes = openSandboxes({
    engine,
    bundles,
    workspace: folder,
    baseImage: process.env['STRATA_BASE_IMAGE'] ?? 'node:22-slim',
    onProgress: () => undefined,
  });
  const definition = definitionOf('files');
  const files = await sandboxes.prepare(definition, {
    signal: AbortSignal.timeout(600_000),
    onProgress: (text) => process.stderr.write(`${text}\n`),
  });
  const place = { folder: copy, ownCopy: true, readOnly: false, run: RUN };
  return {
    folder: copy,
    engine,
    sandboxes,
    files,
    inContainer: (_name, signal) => sandboxes.start({ definition, image: files, place, secrets: {}, signal }),
    asChild: plainChild(join(bundles, 'mcp-servers'), copy),
    open: (launch) => openMcpServer({ name: 'files', launch, effectOf: () => 'read', callLimitMs: 60_000 }),
    dispose: () => sandboxes.dispose(),
  };
}

export function definitionOf(name: string): ServerDefinition {
  const definition = BUILT_IN_SERVERS.find((one) => one.name === name);
  if (!definition) throw new Error(`there is no server ${name}`);
  return definition;
}
