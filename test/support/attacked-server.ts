import { Client } from '@modelcontextprotocol/client';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Sandbox } from '../../extension/src/core/tools/index.ts';
import { DEFAULT_SANDBOX } from '../../extension/src/core/tools/sandbox-defaults.ts';
import { startContainer, type Container } from '../../extension/src/node/docker/container.ts';
import type { ContainerSpec } from '../../extension/src/node/docker/container-spec.ts';
import type { Engine } from '../../extension/src/node/docker/engine.ts';
import { shareFolder } from '../../extension/src/node/docker/folder.ts';
import { defaultBase, prepareImage } from '../../extension/src/node/docker/images.ts';
import { ownOwner } from '../../extension/src/node/docker/owner.ts';
import { ownerLabel } from '../../extension/src/node/docker/sweep.ts';
import { LineTransport } from '../../extension/src/node/mcp/line-transport.ts';
import { buildServers } from './build-servers.ts';

const quiet = (): void => undefined;

/** The image of a built-in server, or of the sidecar of networks, made as the product makes it. */
export async function imageFor(
  engine: Engine,
  name: 'shell' | 'egress',
  signal: AbortSignal,
): Promise<string> {
  const built = name === 'egress' ? await buildForwarder() : await buildServers([name]);
  try {
    const request = {
      name,
      serversDir: built.folder,
      folder: built.folder,
      base: defaultBase,
      signal,
      onProgress: quiet,
    };
    return (await prepareImage(engine, { kind: 'built-in' }, request)).id;
  } finally {
    built.remove();
  }
}

async function buildForwarder(): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-forwarder-'));
  const sources = join(import.meta.dirname, '../../sandbox/egress');
  await build({
    entryPoints: [join(sources, 'src/server.ts')],
    outfile: join(folder, 'egress/server.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    logLevel: 'error',
  });
  cpSync(join(sources, 'Dockerfile'), join(folder, 'egress/Dockerfile'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Place {
  /** A folder in a temporary one, with spaces, a colon, a comma and letters beyond ASCII in its name. */
  readonly folder: string;
  /** The one above it, which nothing inside may see. */
  readonly above: string;
  remove(): void;
}

export async function attackedPlace(): Promise<Place> {
  const above = realpathSync(mkdtempSync(join(tmpdir(), 'strata-escape-')));
  const folder = join(above, 'my projekt: ü, 日本 "1"');
  await mkdir(folder);
  return { folder, above, remove: () => rmSync(above, { recursive: true, force: true }) };
}

/** How the product starts a server on a folder: what it gets is in `more`. */
export async function startServer(
  engine: Engine,
  image: string,
  more: Partial<Omit<ContainerSpec, 'sandbox' | 'folder'>> & {
    readonly folder?: string;
    readonly sandbox?: Partial<Sandbox>;
  },
  signal: AbortSignal,
): Promise<Container> {
  const { folder, sandbox, ...rest } = more;
  return startContainer(
    engine,
    {
      server: 'shell',
      image,
      arguments: [],
      readOnly: false,
      ownInit: true,
      takesPipes: rest.ownInit ?? true,
      labels: { 'strata.run': `escape-${process.pid}`, [ownerLabel]: ownOwner() },
      ...rest,
      ...(folder === undefined ? {} : { folder: await shareFolder(engine, folder, { ownCopy: true }) }),
      sandbox: { ...DEFAULT_SANDBOX, files: folder === undefined ? 'none' : 'write', ...sandbox },
    },
    signal,
  );
}

export interface Shell {
  /** What a command printed, on both streams, and its exit code where that is not 0. */
  run(command: string): Promise<string>;
  stop(): Promise<void>;
}

/** Speaks MCP to a server `shell`, as the product does. */
export async function shellOf(container: Container, signal: AbortSignal): Promise<Shell> {
  const client = new Client({ name: 'escape', version: '1' });
  await client.connect(new LineTransport(container), { signal });
  return {
    run: async (command) => {
      const { content } = await client.callTool({ name: 'run', arguments: { command } }, { signal });
      const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
      return text
        .replace(/^exit code 0\n/, '')
        .replaceAll(/^--- std(out|err) ---\n/gm, '')
        .trim();
    },
    stop: async () => {
      await client.close();
      await container.stop();
    },
  };
}
