import type { Disposable } from './base/disposable.ts';
import type { Json } from './base/json.ts';
import type { Memory } from './core/memory/index.ts';
import { memoryServer } from './core/tools/index.ts';
import type { ToolServer, ToolSurroundings } from './core/tools/index.ts';
import { openToolHost } from './node/tool-host/index.ts';
import type { FolderTools } from './node/tool-host/index.ts';

/** What the editor or the terminal gives to the tools of a folder. */
export interface FolderToolsHost {
  readonly surroundings: ToolSurroundings;
  /** Servers of the user's settings, by name, as in `.mcp.json`. */
  readonly userServers: () => Json | undefined;
  /** Tools of the editor itself. */
  readonly editor?: ToolServer;
  /** Keep servers started for the next run: for a process that stays. */
  readonly warm: boolean;
}

export interface FolderToolsParts {
  readonly folder: string;
  readonly storage: string;
  readonly home: string;
  readonly bundles: string;
  readonly baseImage: string;
  readonly memory: Memory;
  readonly host: FolderToolsHost;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** The tool servers of a folder, wired to its memory and its storage. */
export function folderTools(parts: FolderToolsParts): FolderTools {
  const { folder, storage, bundles, baseImage, memory, host, after } = parts;
  return openToolHost({
    folder,
    storageDir: storage,
    bundles,
    baseImage,
    after,
    surroundings: host.surroundings,
    userServers: host.userServers,
    warm: host.warm,
    inProcess: [memoryServer(memory)],
    editor: host.editor ? [host.editor] : [],
    registry: () => Promise.resolve({ now: Date.now }),
  });
}
