import { join } from 'node:path';
import { DEFAULT_SANDBOX } from '../../core/tools/sandbox-defaults.ts';
import type { ServerLauncher, ServerProcess } from '../mcp/server-process.ts';
import { startContainer } from './container.ts';
import type { Engine } from './engine.ts';
import { shareFolder, type SharedFolder } from './folder.ts';
import { defaultBase, ensureBaseImage, ensureServerImage } from './images.ts';
import { ownOwner } from './owner.ts';
import { ownerLabel } from './sweep.ts';

export interface LauncherOptions {
  readonly engine: Engine;
  /** Holds `<server>/Dockerfile` and `<server>/server.mjs`. */
  readonly serversDir: string;
  /** What the tools work in. */
  readonly folder: string;
  /** The folder is the run's own copy, whose ownership may be changed. */
  readonly ownCopy: boolean;
  /** The folder is mounted read-only, and only reading tools are offered. */
  readonly readOnly: boolean;
  /** The workspace folder and the run, for the labels. */
  readonly labels: { readonly folder: string; readonly run: string };
  readonly base?: string;
  readonly onProgress: (text: string) => void;
}

const gibibyte = 1024 ** 3;

/** Runs tool servers in containers of one engine, on one folder. */
export function containerLauncher(options: LauncherOptions): ServerLauncher {
  const { engine, serversDir, readOnly, onProgress } = options;
  const labels = {
    'strata.folder': options.labels.folder,
    'strata.run': options.labels.run,
    [ownerLabel]: ownOwner(),
  };
  const alive = new Set<ServerProcess>();
  let base: Promise<string> | undefined;
  let shared: Promise<SharedFolder> | undefined;
  let starting = 0;
  let building: Promise<unknown> = Promise.resolve();

  const baseOnce = (signal: AbortSignal) => {
    base ??= ensureBaseImage(engine, options.base ?? defaultBase, { signal, onProgress }).then(
      ({ reference }) => reference,
    );
    base.catch(() => (base = undefined));
    return base;
  };
  // One build after the other: they begin with the same steps, which the second then takes from the engine's cache.
  const imageOf = (name: string, signal: AbortSignal) => {
    const build = async () => {
      const server = { name, folder: join(serversDir, name), base: await baseOnce(signal) };
      return ensureServerImage(engine, server, { signal, onProgress });
    };
    const image = building.then(build, build);
    building = image;
    return image;
  };
  // Shared once while anything is running in it; see shareFolder.
  const shareOnce = () => {
    if (starting === 1 && alive.size === 0) shared = undefined;
    shared ??= shareFolder(engine, options.folder, options);
    shared.catch(() => (shared = undefined));
    return shared;
  };

  return async (name, signal) => {
    starting += 1;
    try {
      const [folder, reference] = await Promise.all([shareOnce(), imageOf(name, signal)]);
      const process = await startContainer(
        engine,
        {
          server: name,
          image: reference,
          arguments: readOnly ? ['--read-only'] : [],
          folder,
          readOnly,
          ownInit: true,
          sandbox: {
            ...DEFAULT_SANDBOX,
            files: readOnly ? 'read' : 'write',
            ...(name === 'shell'
              ? { memoryBytes: 2 * gibibyte, cpus: 2, processes: 512, openFiles: 4096 }
              : {}),
          },
          labels,
        },
        signal,
      );
      alive.add(process);
      void process.ended.then(() => alive.delete(process));
      return process;
    } finally {
      starting -= 1;
    }
  };
}
