import type {
  CallToolResult,
  InputRequiredResult,
  Server,
  ServerContext,
  Tool,
} from '@modelcontextprotocol/server';

type Outcome = CallToolResult | InputRequiredResult;

/** A tool as the suite's scenarios want it: names and schemas are theirs. */
export interface FixtureTool {
  readonly description: string;
  readonly inputSchema?: Tool['inputSchema'];
  readonly call: (
    context: ServerContext,
    args: Readonly<Record<string, unknown>>,
    server: Server,
  ) => Outcome | Promise<Outcome>;
}

export type FixtureTools = Readonly<Record<string, FixtureTool>>;

export function said(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}
