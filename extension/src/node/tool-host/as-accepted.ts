import { isDeepStrictEqual } from 'node:util';
import { heldBackText, reviewTools } from '../../core/tools/index.ts';
import type { HeldTool, ServerDefinition, Tool, ToolResult } from '../../core/tools/index.ts';
import type { KnownServers } from './known-servers.ts';

export interface AsAccepted {
  /** What the server lists now. `broken` is its tools that cannot be offered to anybody. */
  heard(tools: readonly Tool[], broken: readonly HeldTool[]): void;
  /** The answer to a call of a tool that is not what a person has seen; undefined when it is. */
  refusal(tool: string): ToolResult | undefined;
}

/**
 * Runs offer what is remembered of a server, which may have changed its tools since. So what it lists when it is called is
 * held against what was accepted: a tool that has become another is not called, and the person is told.
 */
export function asAccepted(
  definition: ServerDefinition,
  known: KnownServers,
  onChanged: () => void,
): AsAccepted {
  const { name } = definition;
  let seen: { readonly tools: readonly Tool[]; readonly accepted: object | undefined } | undefined;
  let reasons: ReadonlyMap<string, string> = new Map();
  return {
    heard: (tools, broken) => {
      const { accepted, heldBack = [] } = known.server(name);
      // Every call asks, and hardly ever is there anything new.
      if (seen?.tools === tools && seen.accepted === accepted) return;
      seen = { tools, accepted };
      const before = accepted && new Map(Object.entries(accepted));
      const { offered, heldBack: held } = reviewTools(definition, tools, before);
      // What is held back is told under a name that can be shown, in the order of the list.
      const names = new Set(offered.map((tool) => tool.name));
      const others = tools.filter((tool) => !names.has(tool.name));
      reasons = new Map(others.map((tool, index) => [tool.name, held[index]?.reason ?? '']));
      const all = [...held, ...broken];
      if (isDeepStrictEqual(all, heldBack)) return;
      known.update(name, { heldBack: all });
      onChanged();
    },
    refusal: (tool) => {
      const reason = reasons.get(tool);
      if (reason === undefined) return undefined;
      return { content: [{ type: 'text', text: heldBackText(tool, reason) }], isError: true };
    },
  };
}
