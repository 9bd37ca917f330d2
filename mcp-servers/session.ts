import { Server, type CallToolResult } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Readable, Writable } from 'node:stream';
import { ToolFailure, text, type Content, type Tool } from './tool.ts';

export interface Session {
  readonly name: string;
  readonly tools: readonly Tool[];
  readonly input: Readable;
  readonly output: Writable;
}

/** Speaks MCP until the input ends. */
export function speak({ name, tools, input, output }: Session): void {
  serveStdio(() => serverOf(name, tools), { transport: new StdioServerTransport(input, output) });
}

function serverOf(name: string, tools: readonly Tool[]): Server {
  const server = new Server({ name, version: '0.1.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({ tools: tools.map(({ definition }) => definition) }));
  server.setRequestHandler('tools/call', async ({ params }, context): Promise<CallToolResult> => {
    const tool = tools.find(({ definition }) => definition.name === params.name);
    if (!tool)
      return failure([text(`There is no tool "${params.name}". There are: ${namesOf(tools).join(', ')}.`)]);
    const token = params._meta?.progressToken;
    let progress = 0;
    const onOutput = (message: string) => {
      if (token === undefined) return;
      progress += 1;
      const params = { progressToken: token, progress, message };
      // A client that is gone is noticed by the end of the input.
      context.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
    };
    try {
      return {
        content: await tool.run(params.arguments ?? {}, { signal: context.mcpReq.signal, onOutput }),
      };
    } catch (error) {
      if (error instanceof ToolFailure) return failure(error.content);
      return failure([text(error instanceof Error ? error.message : String(error))]);
    }
  });
  return server;
}

function namesOf(tools: readonly Tool[]): readonly string[] {
  return tools.map(({ definition }) => definition.name);
}

function failure(content: Content): CallToolResult {
  return { content, isError: true };
}
