import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openToolHost } from '../../../extension/src/node/tool-host/index.ts';
import { dockerOf } from '../../support/dockerode.ts';
import { atMost, inform, median, type Row } from '../support/row.ts';
import { timed } from './timing.ts';
import { soon, type ToolsWorld } from './world.ts';

const ROUNDS = 11;
const WARM_ROUNDS = 5;

/** From nothing to tools listed, of both ways in turns; then with a pool that was warmed before. */
export async function startRows(world: ToolsWorld): Promise<Row[]> {
  const contained: number[] = [];
  const child: number[] = [];
  const engine: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [launch, times] of [
      [world.asChild, child],
      [world.inContainer, contained],
    ] as const) {
      const server = world.open(launch);
      times.push(await timed(() => server.list(soon())));
      await server.dispose();
    }
    engine.push(await emptyStart(world));
  }
  return [
    inform('cold start of the plain child, to tools listed', 'ms', median(child)),
    inform('cold start in a container, to tools listed', 'ms', median(contained)),
    inform('of which the engine takes to make and start an empty container', 'ms', median(engine)),
    atMost('cold start in a container over the plain child', '×', 1.6, median(contained) / median(child)),
    atMost('start from the warm pool, to a server that answered', 'ms', 20, await warmStart(world)),
  ];
}

/** The engine's own part: a container of the same image with no limits and nothing to do, made and started. */
async function emptyStart({ engine, files }: ToolsWorld): Promise<number> {
  const began = performance.now();
  const container = await dockerOf(engine).createContainer({
    Image: files.id,
    Entrypoint: ['/opt/strata/sh', '-c', 'read wait'],
    OpenStdin: true,
    HostConfig: { NetworkMode: 'none' },
  });
  await container.start();
  const ms = performance.now() - began;
  await container.remove({ force: true });
  return ms;
}

/** What a run waits for when its servers were started ahead: the slot becomes its copy, tools are listed, one is called. */
async function warmStart({ folder }: ToolsWorld): Promise<number> {
  const root = join(folder, '../..');
  const storageDir = join(root, 'storage');
  mkdirSync(storageDir, { recursive: true });
  const host = openToolHost({
    folder: root,
    storageDir,
    bundles: join(import.meta.dirname, '../../../dist'),
    baseImage: process.env['STRATA_BASE_IMAGE'] ?? 'node:22-slim',
    userServers: () => undefined,
    surroundings: {
      secret: () => Promise.resolve(undefined),
      confirmSetUp: () => Promise.resolve(false),
      elicit: () => Promise.resolve({ action: 'cancel' }),
      openAddress: () => Promise.resolve(false),
      isTrusted: () => true,
    },
    inProcess: [],
    editor: [],
    warm: true,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return { dispose: () => clearTimeout(timer) };
    },
    registry: () => Promise.resolve({ now: Date.now }),
  });
  const times: number[] = [];
  try {
    for (let round = 0; round <= WARM_ROUNDS; round += 1) {
      host.warm('write');
      // The slot is on its way; waiting for it is no part of what a run waits for.
      const ready = await host.takeSlot('write');
      if (!ready) throw new Error('no slot was warmed');
      const copy = join(storageDir, 'files', 'copies', `r-${round}`);
      let dispose = (): Promise<void> => Promise.resolve();
      times.push(
        await timed(async () => {
          await ready.moveTo(copy);
          const opened = await host.open({
            place: { folder: copy, ownCopy: true, readOnly: false, run: `r-${round}` },
            slot: ready,
            startAhead: true,
            onProgress: () => undefined,
          });
          dispose = opened.dispose;
          await opened.registry.catalogue(soon(), () => undefined);
          await opened.registry.call('files_list', {
            arguments: {},
            signal: soon(),
            onOutput: () => undefined,
          });
        }),
      );
      await dispose();
    }
    // The first one also finds the images and lists the servers that are not warmed.
    return median(times.slice(1));
  } finally {
    await host.dispose();
    rmSync(storageDir, { recursive: true, force: true });
  }
}
