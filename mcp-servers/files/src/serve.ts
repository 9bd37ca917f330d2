import { Server, type CallToolResult } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { realpathSync } from 'node:fs';
import { ToolFailure } from './tool.ts';
import { toolsFor } from './tools/index.ts';

/** Speaks MCP over the standard streams until the input ends. */
export function serve(): void {
  // A busy worker or an open call must not keep the process: it ends with its input, always.
  for (const event of ['end', 'close', 'error']) process.stdin.on(event, endNow);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, endNow);
  process.stdout.on('error', endNow);

  const root = realpathSync.native(process.env['STRATA_ROOT'] ?? '/workspace');
  const tools = toolsFor({ readOnly: process.argv.includes('--read-only') });
  serveStdio(() => {
    const server = new Server({ name: 'files', version: '0.1.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({ tools: tools.map((tool) => tool.definition) }));
    server.setRequestHandler('tools/call', async ({ params }, context): Promise<CallToolResult> => {
      const tool = tools.find((one) => one.definition.name === params.name);
      if (!tool)
        return failure(
          `There is no tool "${params.name}". There are: ${tools.map((one) => one.definition.name).join(', ')}.`,
        );
      try {
        return { content: await tool.run(params.arguments ?? {}, { root, signal: context.mcpReq.signal }) };
      } catch (error) {
        if (error instanceof ToolFailure) return failure(error.message);
        return failure(error instanceof Error ? error.message.replaceAll(root, '.') : String(error));
      }
    });
    return server;
  });
}

function failure(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

function endNow(): void {
  process.exit(0);
}
