import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from './base/disposable.ts';
import type { Json } from './base/json.ts';
import type { Memory } from './core/memory/index.ts';
import {
  askForOtherWords,
  createRateLimits,
  createResultCache,
  memoryServer,
  NO_SETTINGS,
  readToolPolicy,
} from './core/tools/index.ts';
import type { Sample, ToolServer, ToolSurroundings } from './core/tools/index.ts';
import { readSettings } from './node/read-settings.ts';
import { openBuckets, openToolCache } from './node/sqlite/index.ts';
import { openToolHost } from './node/tool-host/index.ts';
import type { FolderCopy, FolderTools } from './node/tool-host/index.ts';

/** What the editor or the terminal gives to the tools of a folder. */
export interface FolderToolsHost {
  readonly surroundings: ToolSurroundings;
  /** Servers of the user's settings, by name, as in `.mcp.json`. */
  readonly userServers: () => Json | undefined;
  /** Tools of the editor itself. */
  readonly editor?: ToolServer;
  /** Keep servers started for the next run: for a process that stays. */
  readonly warm: boolean;
  /** When idle servers are stopped that nothing else is said of. */
  readonly idleMs?: () => number | undefined;
}

export interface FolderToolsParts {
  readonly folder: string;
  readonly storage: string;
  readonly home: string;
  readonly bundles: string;
  readonly baseImage: string;
  readonly memory: Memory;
  /** Where the memory's tools ask for other words, and whether they may. */
  readonly otherWords: { readonly sample: Sample; readonly mayAsk: () => Promise<boolean> };
  readonly host: FolderToolsHost;
  readonly copyFolder: (signal: AbortSignal) => Promise<FolderCopy>;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** The tool servers of a folder, wired to its memory and its storage. */
export function folderTools(parts: FolderToolsParts): FolderTools {
  const { folder, storage, home, bundles, baseImage, memory, otherWords, host, after, copyFolder } = parts;
  const store = openToolCache(path.join(storage, 'tool-cache.db'), Date.now);
  const buckets = openBuckets(path.join(home, 'rate-limits.db'), Date.now);
  const wait = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal });
  const tools = openToolHost({
    folder,
    storageDir: storage,
    bundles,
    baseImage,
    after,
    copyFolder,
    surroundings: host.surroundings,
    userServers: host.userServers,
    warm: host.warm,
    ...(host.idleMs ? { idleMs: host.idleMs } : {}),
    inProcess: [memoryServer(memory, askForOtherWords({ ...otherWords, after }))],
    editor: host.editor ? [host.editor] : [],
    registry: async () => {
      const { cache, rate } = (await readSettings(folder, 'tools.jsonc', readToolPolicy)) ?? NO_SETTINGS;
      return {
        now: Date.now,
        cache: createResultCache({ rules: cache, store, now: Date.now }),
        limits: createRateLimits({ rules: rate, folder, shared: buckets, now: Date.now, wait }),
      };
    },
  });
  return {
    ...tools,
    dispose: async () => {
      await tools.dispose();
      store.dispose();
      buckets.dispose();
    },
  };
}
