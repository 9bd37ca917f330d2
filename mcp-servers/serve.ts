import { Server, type CallToolResult } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { realpathSync } from 'node:fs';
import { endWithInput } from './lifetime.ts';
import { ToolFailure, text, type Content, type Tool } from './tool.ts';

export interface ServerOptions {
  readonly name: string;
  /** In the order in which they are listed, which never changes between starts. */
  readonly tools: readonly Tool[];
  /** Ends what the tools have started; the process exits afterwards. */
  readonly onEnd?: () => void;
}

/** The folder that the tools work in. */
export function workspaceRoot(): string {
  return realpathSync.native(process.env['STRATA_ROOT'] ?? '/workspace');
}

/** Speaks MCP over the standard streams until the input ends. A busy worker or an open call does not keep the process. */
export function serveTools({ name, tools, onEnd }: ServerOptions): void {
  // It has served its purpose; programs that the tools start have caches of their own.
  delete process.env['NODE_COMPILE_CACHE'];
  const input = endWithInput(onEnd ?? (() => undefined));
  const transport = new StdioServerTransport(input, process.stdout);
  serveStdio(() => serverOf(name, tools), { transport });
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
