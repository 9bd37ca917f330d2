import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { CallToolResult, ServerContext, Tool as McpTool } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { isStrataError } from '../../base/errors.ts';
import { canonicalJson } from '../../base/json.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Tool, ToolResult } from '../../core/tools/index.ts';
import { logsDuring } from './logs.ts';
import { toolsOf } from './scope.ts';
import type { CallOptions } from './session.ts';
import { withQuestions } from './with-questions.ts';
import type { Served } from './with-questions.ts';

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export function serveTools(served: Served): void {
  const { server, scope } = served;
  server.setRequestHandler('tools/list', async (_request, context) => {
    const tools = await toolsOf(scope, context.mcpReq.signal, 'fresh');
    return { tools: tools.map(({ name, tool }) => mcpTool(name, tool)) };
  });

  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const named = async (how: 'known' | 'fresh') =>
      (await toolsOf(scope, context.mcpReq.signal, how)).find(({ name }) => name === params.name);
    const found = (await named('known')) ?? (await named('fresh'));
    if (!found) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    const { tool } = found;
    const args = jsonObject.parse(params.arguments ?? {});
    return withQuestions(
      served,
      context,
      `call ${tool.name} ${canonicalJson(args)}`,
      async (questions, signal) => {
        const session = await scope.session();
        const logs = await logsDuring(session, tool.server, context, signal);
        const onProgress = progressTo(context);
        try {
          return callResult(await session.call(tool.name, args, { signal, questions, onProgress }));
        } catch (error) {
          if (signal.aborted || !isStrataError(error)) throw error;
          return { content: [{ type: 'text', text: `${error.message} ${error.action}` }], isError: true };
        } finally {
          logs.dispose();
        }
      },
    );
  });
}

function mcpTool(name: string, tool: Tool): McpTool {
  const { title, description, inputSchema, outputSchema, annotations } = tool;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    description,
    // Any JSON Schema of an object; the registry has seen that it is one.
    inputSchema: { ...inputSchema, type: 'object' },
    ...(outputSchema ? { outputSchema: { ...outputSchema } } : {}),
    ...(annotations ? { annotations: { ...annotations } } : {}),
  };
}

/** What a server answered in place of a result is passed on as what it is. */
const refusal = z.object({
  content: z.undefined().optional(),
  error: z.object({ code: z.number().int(), message: z.string(), data: z.json().optional() }),
});

/** Text of the run in place of what the server said is all that there is where nothing was called. */
function callResult({ content, isError, structured, raw }: ToolResult): CallToolResult {
  const refused = refusal.safeParse(raw);
  if (refused.success) {
    const { code, message, data } = refused.data.error;
    throw new ProtocolError(code, message, data);
  }
  if (raw) return { ...raw, isError } as unknown as CallToolResult;
  return {
    content: content.map((part) => ({ ...part })),
    ...(structured ? { structuredContent: structured } : {}),
    ...(isError ? { isError } : {}),
  };
}

/** Nothing is sent to a client that did not ask for it. */
function progressTo({ mcpReq }: ServerContext): NonNullable<CallOptions['onProgress']> {
  const token = mcpReq._meta?.progressToken;
  if (token === undefined) return () => undefined;
  return (progress) => {
    const params = { progressToken: token, ...progress };
    // A client that has gone is noticed by its call.
    void mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);
  };
}
