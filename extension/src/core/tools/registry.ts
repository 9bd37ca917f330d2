import { isAbort, isStrataError, messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Tool, ToolResult, Tools, ToolServer } from './tool.ts';

export interface RegistryOptions {
  /** In the order in which their tools are offered. */
  readonly servers: readonly ToolServer[];
  /** What is wrong with arguments for a schema, in words for the model; undefined when nothing is. */
  readonly argumentMistakes: (schema: JsonObject, args: JsonObject) => string | undefined;
}

/** The names that every provider takes. */
const validName = /^[A-Za-z0-9_-]{1,64}$/;

/** All servers' tools as one: their catalogue, and calls that are checked before they reach a server. */
export function createTools({ servers, argumentMistakes }: RegistryOptions): Tools {
  const listed = new Map<ToolServer, readonly Tool[]>();

  const list = async (server: ToolServer, signal: AbortSignal): Promise<readonly Tool[]> => {
    const tools = (await server.list(signal)).filter(({ name }) => validName.test(name));
    listed.set(server, tools);
    return tools;
  };

  return {
    catalogue: async (signal) => {
      const results = await Promise.allSettled(servers.map((server) => list(server, signal)));
      signal.throwIfAborted();
      const tools: Tool[] = [];
      const notes: string[] = [];
      for (const [i, result] of results.entries()) {
        if (result.status === 'rejected') notes.push(missing(servers[i]?.name ?? '', result.reason));
        else
          for (const tool of result.value)
            if (!tools.some(({ name }) => name === tool.name)) tools.push(tool);
      }
      return { tools, notes };
    },
    call: async (name, call) => {
      const server = serverOf(servers, name);
      if (!server) return failure(`There is no tool "${name}". There are: ${names(listed)}.`);
      // In a resumed run the catalogue came from the log, so this may be the first that is heard of the server.
      const tool = (listed.get(server) ?? (await list(server, call.signal))).find((one) => one.name === name);
      if (tool) {
        const mistakes = argumentMistakes(tool.inputSchema, call.arguments);
        if (mistakes !== undefined) return failure(wrongArguments(tool, mistakes));
      }
      return server.call(name, call);
    },
    dispose: async () => {
      await Promise.all(servers.map((server) => server.dispose()));
    },
  };
}

/** The server whose name the tool's name begins with; the longest wins, since names may hold `_`. */
function serverOf(servers: readonly ToolServer[], tool: string): ToolServer | undefined {
  return servers
    .filter(({ name }) => tool.startsWith(`${name}_`))
    .reduce<ToolServer | undefined>(
      (best, one) => (best && best.name.length >= one.name.length ? best : one),
      undefined,
    );
}

function missing(server: string, error: unknown): string {
  if (isAbort(error)) throw error;
  const why = isStrataError(error) ? `${error.message} ${error.action}` : messageOf(error);
  return `The tools of ${server} are missing: ${why}`;
}

function wrongArguments(tool: Tool, mistakes: string): string {
  return `The arguments of ${tool.name} are wrong: ${mistakes.slice(0, 1000)}\nThey must fit this schema: ${JSON.stringify(tool.inputSchema)}`;
}

function names(listed: ReadonlyMap<ToolServer, readonly Tool[]>): string {
  return [...listed.values()].flatMap((tools) => tools.map(({ name }) => name)).join(', ') || 'none';
}

function failure(text: string): ToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
