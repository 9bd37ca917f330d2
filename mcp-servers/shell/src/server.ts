import { Server, type CallToolResult } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { realpathSync } from 'node:fs';
import { killAll, runCommand } from './run.ts';
import { readRunArguments, renderOutcome, runTool } from './tool.ts';

const root = realpathSync.native(process.env['STRATA_ROOT'] ?? '/workspace');

// The SDK aborts calls when the input ends, but a process with a busy child would stay: end with the input, always.
for (const event of ['end', 'close', 'error']) process.stdin.on(event, endNow);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, endNow);
process.stdout.on('error', endNow);

serveStdio(() => {
  const server = new Server({ name: 'shell', version: '0.1.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => ({ tools: [runTool] }));
  server.setRequestHandler('tools/call', async ({ params }, context): Promise<CallToolResult> => {
    if (params.name !== runTool.name)
      return failure(`There is no tool "${params.name}". There is: ${runTool.name}.`);
    const parsed = readRunArguments(params.arguments ?? {}, root);
    if (typeof parsed === 'string') return failure(parsed);
    const token = params._meta?.progressToken;
    let progress = 0;
    const outcome = await runCommand({
      ...parsed,
      signal: context.mcpReq.signal,
      onOutput: (text) => {
        if (token === undefined) return;
        progress += 1;
        const params = { progressToken: token, progress, message: text };
        // A client that is gone is noticed by the end of the input.
        context.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
      },
    });
    return { content: [{ type: 'text', text: renderOutcome(outcome) }], isError: outcome.kind !== 'exited' };
  });
  return server;
});

function failure(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}

function endNow(): void {
  killAll();
  process.exit(0);
}
