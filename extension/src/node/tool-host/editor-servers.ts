import {
  DEFAULT_SANDBOX,
  heldBackText,
  looserThanDefault,
  reviewTools,
  toolTokens,
} from '../../core/tools/index.ts';
import type { ServerDefinition, ServerFacts, ServerState, ToolServer } from '../../core/tools/index.ts';
import type { KnownServers } from './known-servers.ts';

/**
 * The editor's own MCP servers, which it sets up and runs. They are other people's all the same: what they say is looked at,
 * and what is held back of it a person can accept, which is remembered where it is of other servers.
 */
export interface EditorServers {
  readonly servers: readonly ToolServer[];
  /** Undefined for a server that is not of the editor. */
  facts(server: string): ServerFacts | undefined;
  /** Of those that have tools. */
  states(): Promise<readonly ServerState[]>;
  /** The tools by these names, as they are now; undefined for a server that is not of the editor. */
  accept(server: string, tools: readonly string[]): Promise<ServerState | undefined>;
}

/** It has them at hand, and other extensions may have a part in that. */
const LIMIT_MS = 10_000;

export function openEditorServers(servers: readonly ToolServer[], known: KnownServers): EditorServers {
  const find = (name: string): ToolServer | undefined => servers.find((one) => one.name === name);
  const acceptedOf = (name: string): ReadonlyMap<string, string> =>
    new Map(Object.entries(known.server(name).accepted ?? {}));
  const stateOf = async (server: ToolServer): Promise<ServerState> => {
    const definition = definitionOf(server.name);
    const listed = await server.list(AbortSignal.timeout(LIMIT_MS));
    const { offered, heldBack } = reviewTools(definition, listed, acceptedOf(server.name));
    return {
      ...{ definition, status: 'ready', tools: offered, heldBack },
      looser: looserThanDefault(definition),
      tokens: offered.reduce((sum, tool) => sum + toolTokens(tool), 0),
    };
  };
  return {
    servers: servers.map((server) => asAcceptedOnly(server, () => acceptedOf(server.name))),
    facts: (name) =>
      find(name) ? { definition: definitionOf(name), accepted: acceptedOf(name) } : undefined,
    states: async () => {
      const states = await Promise.all(servers.map(stateOf));
      return states.filter(({ tools, heldBack }) => tools.length > 0 || heldBack.length > 0);
    },
    accept: async (name, tools) => {
      const server = find(name);
      if (!server) return undefined;
      const listed = await server.list(AbortSignal.timeout(LIMIT_MS));
      known.accept(
        name,
        listed.filter((tool) => tools.includes(tool.name)),
      );
      return stateOf(server);
    },
  };
}

/** A run calls by what was listed when it began; a tool whose words have become others since is not called. */
function asAcceptedOnly(server: ToolServer, accepted: () => ReadonlyMap<string, string>): ToolServer {
  return {
    name: server.name,
    list: (signal) => server.list(signal),
    dispose: () => server.dispose(),
    call: async (tool, call) => {
      const now = (await server.list(call.signal)).filter(({ name }) => name === tool);
      const [held] = reviewTools(definitionOf(server.name), now, accepted()).heldBack;
      if (!held) return server.call(tool, call);
      return { content: [{ type: 'text', text: heldBackText(tool, held.reason) }], isError: true };
    },
  };
}

function definitionOf(name: string): ServerDefinition {
  const source = { kind: 'editor' } as const;
  return { name, origin: 'editor', source, sandbox: DEFAULT_SANDBOX, enabled: true, trusted: false };
}
