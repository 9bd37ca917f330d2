import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AsyncDisposable, Disposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import type { Event } from '../../base/event.ts';
import type { Json } from '../../base/json.ts';
import type {
  RegistryOptions,
  Sample,
  ServerDefinition,
  ToolHost,
  ToolServer,
  ToolSurroundings,
} from '../../core/tools/index.ts';
import { layHistory } from '../git/index.ts';
import { agreementOf } from './agreement.ts';
import { containersAtNeed } from './containers.ts';
import { openDefinitionFiles } from './definition-files.ts';
import { openEditorServers } from './editor-servers.ts';
import { openKnownServers } from './known-servers.ts';
import type { HostContext } from './launch.ts';
import { LiveServers } from './live-servers.ts';
import { mcpAtNeed } from './mcp-at-need.ts';
import { openServer } from './opened-server.ts';
import type { OpenedServer } from './opened-server.ts';
import type { Place } from './place.ts';
import { openRunTools } from './run-tools.ts';
import type { RunTools } from './run-tools.ts';
import { serverChanges } from './server-changes.ts';
import { stateOf } from './server-states.ts';
import type { Slot, SlotKind } from './warm-pool.ts';
import { WARMED, warmServers } from './warm-servers.ts';

export interface ToolHostOptions {
  /** The user's folder. */
  readonly folder: string;
  /** Strata's storage for that folder. */
  readonly storageDir: string;
  /** Holds `mcp-servers/` and `sandbox/`. */
  readonly bundles: string;
  readonly baseImage: string;
  /** A copy of the folder as it is now, for a server that has its files and is tried outside of a run. */
  readonly copyFolder?: (signal: AbortSignal) => Promise<FolderCopy>;
  /** Servers of the user's settings, as in `.mcp.json`. */
  readonly userServers: () => Json | undefined;
  readonly surroundings: ToolSurroundings;
  /** When servers that nothing else is said of are stopped, in place of the usual time. */
  readonly idleMs?: () => number | undefined;
  /** Servers in process, before all others. */
  readonly inProcess: readonly ToolServer[];
  readonly editor: readonly ToolServer[];
  /** Keep servers started for the next run. */
  readonly warm: boolean;
  readonly after: (ms: number, callback: () => void) => Disposable;
  readonly registry: () => Promise<Pick<RegistryOptions, 'cache' | 'limits' | 'now'>>;
}

export interface FolderCopy extends AsyncDisposable {
  readonly folder: string;
}

export interface OpenRequest {
  readonly place: Place;
  readonly onProgress: (text: string) => void;
  readonly sample?: Sample;
  readonly slot?: Slot | undefined;
  /** The run begins now, so that servers which it will probably call may start. */
  readonly startAhead: boolean;
  /** The only tool that will be called: other servers than its own need not be there. */
  readonly tool?: string;
}

/** The servers of one folder, for everybody who works in it. */
export interface FolderTools extends Omit<ToolHost, 'call'>, AsyncDisposable {
  /** There are other tools now than there were. */
  readonly onDidChangeTools: Event<void>;
  open(request: OpenRequest): Promise<RunTools>;
  /** A place to look at the tools from: an empty folder, for the user's own is none of their business. */
  readonly nowhere: Place;
  /** Removes images that nobody needs any more, where an engine is in use. To be called when idle. */
  tidy(signal: AbortSignal): Promise<void>;
  /** Starts the servers of a coming run ahead of it. */
  warm(kind: SlotKind): void;
  takeSlot(kind: SlotKind): Promise<Slot | undefined>;
}

export function openToolHost(options: ToolHostOptions): FolderTools {
  const { folder, storageDir, bundles, surroundings } = options;
  const known = openKnownServers(path.join(storageDir, 'tools.json'));
  const editor = openEditorServers(options.editor, known);
  const live = new LiveServers();
  const changed = new Emitter<void>();
  const loadMcp = mcpAtNeed();
  const toolsChanged = new Emitter<void>();
  const settingUp = new Set<string>();
  const shared = new Map<string, OpenedServer>();
  const nowhere: Place = {
    folder: path.join(storageDir, 'empty', 'tools'),
    ownCopy: true,
    readOnly: false,
    run: 'none',
  };
  let progress = (_text: string): void => undefined;
  const containers = containersAtNeed({
    bundles,
    workspace: folder,
    baseImage: options.baseImage,
    onProgress: (text) => progress(text),
  });
  const files = openDefinitionFiles(folder, options.userServers);
  const context: HostContext = {
    containers: (signal) => containers.get(signal),
    leave: async (place) => (await containers.known())?.leave(place),
    withoutContainers: (place) => async (name, signal) => {
      const { hostLauncher } = await import('../mcp/index.ts');
      const serversDir = path.join(bundles, 'mcp-servers');
      return hostLauncher({ serversDir, folder: place.folder })(name, signal);
    },
    layHistory: (copy, signal) => layHistory({ workspace: folder, copy, signal }),
    live,
    known,
    surroundings,
    idleMs: options.idleMs ?? (() => undefined),
    onProgress: (text) => progress(text),
    onToolsChanged: () => {
      toolsChanged.fire();
      changed.fire();
    },
  };
  const watched = live.onDidChange(() => changed.fire());

  const openNowhere = async (definition: ServerDefinition): Promise<OpenedServer> => {
    await mkdir(nowhere.folder, { recursive: true });
    return openServer(context, await loadMcp(), {
      definition,
      place: nowhere,
      startAhead: false,
    });
  };

  /** As a run would: a script of the workspace starts only where it is. */
  const openOnCopy = async (definition: ServerDefinition, signal: AbortSignal): Promise<OpenedServer> => {
    const has = definition.origin !== 'built-in' && definition.sandbox.files !== 'none';
    const copy = has ? await options.copyFolder?.(signal) : undefined;
    if (!copy) return openNowhere(definition);
    const place: Place = { folder: copy.folder, ownCopy: true, readOnly: false, run: nowhere.run };
    const mcp = await loadMcp();
    const server = openServer(context, mcp, { definition, place, startAhead: false });
    return {
      ...server,
      dispose: async () => {
        await server.dispose();
        await context.leave(place);
        await copy.dispose();
      },
    };
  };

  const forgetShared = async (name: string): Promise<void> => {
    for (const [key, server] of shared)
      if (server.definition.name === name) {
        shared.delete(key);
        await server.dispose();
      }
  };

  const warmed = warmServers({
    ...{ context, loadMcp, after: options.after },
    definitions: async () => (await files.read()).definitions,
    storageDir: path.join(storageDir, 'files', 'warm'),
  });

  return {
    ...serverChanges({
      context,
      files,
      editor,
      settingUp,
      openToTry: openOnCopy,
      forgetShared,
      onProgressTo: (onProgress) => (progress = onProgress),
      onChanged: () => changed.fire(),
    }),
    nowhere,
    onDidChange: changed.event,
    onDidChangeTools: toolsChanged.event,
    servers: async () => {
      const { definitions } = await files.read();
      const own = definitions.map((definition) => stateOf(context, definition, settingUp));
      return [...(await Promise.all(own)), ...(await editor.states())];
    },
    mistakes: async () => (await files.read()).mistakes,
    open: async ({ place, onProgress, sample, slot, startAhead, tool }) => {
      progress = onProgress;
      if (place === nowhere) await mkdir(nowhere.folder, { recursive: true });
      const { definitions, mistakes } = await files.read();
      const mcp = await loadMcp();
      const opened = openRunTools(context, mcp, {
        place,
        definitions: serversFor(tool, definitions, [...options.inProcess, ...editor.servers]),
        inProcess: options.inProcess,
        editor,
        warmed: slot?.servers ?? new Map(),
        shared: (definition) => {
          const key = agreementOf(definition);
          const server =
            shared.get(key) ?? openServer(context, mcp, { definition, place: nowhere, startAhead: false });
          shared.set(key, server);
          return server;
        },
        startAhead: startAhead ? WARMED : [],
        registry: await options.registry(),
        ...(sample ? { sample } : {}),
      });
      const { registry } = opened;
      return {
        ...opened,
        registry: {
          ...registry,
          catalogue: async (signal, tell) => {
            progress = tell;
            const { tools, notes } = await registry.catalogue(signal, tell);
            return { tools, notes: [...mistakes, ...notes] };
          },
        },
      };
    },
    warm: (kind) => {
      if (options.warm) warmed.warm(kind);
    },
    takeSlot: (kind) => warmed.take(kind),
    tidy: async (signal) => {
      const inUse = await containers.known();
      if (!inUse) return;
      const { definitions } = await files.read();
      const images = definitions.flatMap(({ name }) => known.server(name).image ?? []);
      await inUse.removeUnused(new Set(images), signal);
    },
    dispose: async () => {
      watched.dispose();
      await warmed.dispose();
      await Promise.all([...shared.values()].map((server) => server.dispose()));
      shared.clear();
      await containers.dispose();
      changed.dispose();
      toolsChanged.dispose();
    },
  };
}

/** A tool's name begins with its server's. Of a name that fits none, all are asked. */
function serversFor(
  tool: string | undefined,
  definitions: readonly ServerDefinition[],
  others: readonly ToolServer[],
): readonly ServerDefinition[] {
  const has = ({ name }: { readonly name: string }): boolean => tool?.startsWith(`${name}_`) === true;
  const fitting = definitions.filter(has);
  return fitting.length > 0 || others.some(has) ? fitting : definitions;
}
