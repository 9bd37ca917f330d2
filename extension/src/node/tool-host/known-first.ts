import type { Tool, ToolServer } from '../../core/tools/index.ts';

export interface KnownFirstOptions {
  /** What the server listed when it was last started from the same image in the same way. */
  readonly known: (signal: AbortSignal) => Promise<readonly Tool[] | undefined>;
  readonly onListed: (tools: readonly Tool[]) => void;
  /** Start it as soon as it was listed, since it will probably be called. */
  readonly startAhead: boolean;
}

/**
 * Lists a server's tools without starting it, where they are known: a run with many servers begins at once, and those that
 * nobody calls never start.
 */
export function knownFirst(
  server: ToolServer,
  options: KnownFirstOptions,
): ToolServer & { listLive(signal: AbortSignal): Promise<readonly Tool[]> } {
  const life = new AbortController();
  let hasStarted = false;
  const listLive = async (signal: AbortSignal): Promise<readonly Tool[]> => {
    const tools = await server.list(signal);
    options.onListed(tools);
    hasStarted = true;
    return tools;
  };
  let ahead: Promise<unknown> | undefined;
  return {
    name: server.name,
    listLive,
    list: async (signal) => {
      const known = await options.known(signal);
      if (!known) return listLive(signal);
      // If that fails, the first call says why.
      if (options.startAhead && !hasStarted) ahead ??= listLive(life.signal).catch(() => undefined);
      return known;
    },
    call: (tool, call) => server.call(tool, call),
    dispose: async () => {
      life.abort(new Error(`The tool server ${server.name} was disposed of.`));
      await server.dispose();
      await ahead;
    },
  };
}
