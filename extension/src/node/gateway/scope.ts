import type { CallToolResult, GetPromptResult, ReadResourceResult } from '@modelcontextprotocol/server';
import type { Tool } from '../../core/tools/index.ts';
import type { ServerDescription } from '../mcp/index.ts';
import type { ParkedCalls } from './parked-calls.ts';
import type { GatewaySession } from './session.ts';

export type Answer = CallToolResult | GetPromptResult | ReadResourceResult;

/** What one MCP server of the gateway shows to one client. */
export interface Scope {
  readonly session: () => Promise<GatewaySession>;
  /** One server under its own names; absent for all of them, whose names begin with their server's. */
  readonly server: string | undefined;
  readonly parked: ParkedCalls<Answer>;
  /** Aborted when the client is lost, so that nobody waits for the answers any more. */
  readonly life: () => AbortSignal;
  /** Signs what a client brings back with its answers. */
  readonly stateKey: Uint8Array;
  readonly version: string;
  /** What the server said of itself last, so that nobody who only connects must wait for it to start. */
  readonly known: { description?: ServerDescription | undefined };
}

/** Tools of the scope, under the names that the client sees. */
export async function toolsOf(
  { session, server }: Scope,
  signal: AbortSignal,
  how: 'known' | 'fresh',
): Promise<readonly { readonly name: string; readonly tool: Tool }[]> {
  const tools = await (await session()).tools(signal, how);
  if (server === undefined) return tools.map((tool) => ({ name: tool.name, tool }));
  return tools.filter((tool) => tool.server === server).map((tool) => ({ name: ownName(tool), tool }));
}

function ownName({ name, server }: Tool): string {
  return name.startsWith(`${server}_`) ? name.slice(server.length + 1) : name;
}

export async function serversOf({ session, server }: Scope, signal: AbortSignal): Promise<readonly string[]> {
  return server === undefined ? (await session()).servers(signal) : [server];
}
