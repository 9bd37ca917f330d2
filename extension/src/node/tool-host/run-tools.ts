import type { AsyncDisposable } from '../../base/disposable.ts';
import { createTools } from '../../core/tools/index.ts';
import type {
  RegistryOptions,
  Sample,
  ServerDefinition,
  ToolRegistry,
  ToolServer,
} from '../../core/tools/index.ts';
import type { McpServerFace } from '../mcp/index.ts';
import type { EditorServers } from './editor-servers.ts';
import type { HostContext } from './launch.ts';
import { openServer } from './opened-server.ts';
import type { Mcp } from './mcp-at-need.ts';
import type { OpenedServer } from './opened-server.ts';
import type { Place } from './place.ts';

/** The tools of one run, or of one look at what there is. */
export interface RunTools extends AsyncDisposable {
  readonly registry: ToolRegistry;
  /** In the order of the catalogue. */
  readonly definitions: readonly ServerDefinition[];
  /** Undefined for what is no MCP server. */
  face(server: string): McpServerFace | undefined;
}

export interface RunToolsRequest {
  readonly place: Place;
  readonly definitions: readonly ServerDefinition[];
  /** Servers in process, before all others. */
  readonly inProcess: readonly ToolServer[];
  /** Of the editor, after all others. */
  readonly editor: EditorServers;
  /** Servers of a warmed slot, which has the place's folder. */
  readonly warmed: ReadonlyMap<string, OpenedServer>;
  /** Servers without files that all runs of the folder share. */
  readonly shared: (definition: ServerDefinition) => OpenedServer;
  readonly sample?: Sample;
  /** Names of servers that will probably be called. */
  readonly startAhead: readonly string[];
  readonly registry: Pick<RegistryOptions, 'cache' | 'limits' | 'now'>;
}

/** Only these may be started on files that must stay as they are. */
const READING_SERVERS = ['files', 'git'];

export function openRunTools(context: HostContext, mcp: Mcp, request: RunToolsRequest): RunTools {
  const { place, warmed, shared, startAhead, sample } = request;
  const definitions = request.definitions.filter((definition) => isOffered(definition, place));
  const own: OpenedServer[] = [];
  const servers = definitions.map((definition): OpenedServer => {
    if (isShared(definition)) return shared(definition);
    const server =
      warmed.get(definition.name) ??
      openServer(context, mcp, {
        definition,
        place,
        startAhead: startAhead.includes(definition.name),
        ...(sample ? { sample } : {}),
      });
    own.push(server);
    return server;
  });
  const byName = new Map(servers.map((server) => [server.definition.name, server]));
  const registry = createTools({
    ...request.registry,
    servers: [...request.inProcess, ...servers.map(({ tools }) => tools), ...request.editor.servers],
    argumentMistakes: mcp.argumentMistakes,
    about: (name) => byName.get(name)?.facts() ?? request.editor.facts(name),
  });
  const end = async (): Promise<void> => {
    const unused = [...warmed.values()].filter((server) => !own.includes(server));
    await Promise.all([...own, ...unused].map((server) => server.dispose()));
    await context.leave(place);
  };
  return {
    // The shared ones stay, so the registry's own end would be too much.
    registry: { ...registry, dispose: end },
    definitions,
    face: (name) => byName.get(name)?.face,
    dispose: end,
  };
}

/** Nothing of one run can be seen by another where there are no files; it is the server's own state that they share. */
export function isShared({ origin, sandbox, source }: ServerDefinition): boolean {
  return origin !== 'built-in' && (sandbox.files === 'none' || source.kind === 'http');
}

function isOffered({ enabled, origin, name, sandbox }: ServerDefinition, { readOnly }: Place): boolean {
  if (!enabled) return false;
  if (origin !== 'built-in') return true;
  // Without a host that it may reach it could only say so.
  if (name === 'web') return sandbox.network.length > 0;
  return !readOnly || READING_SERVERS.includes(name);
}
