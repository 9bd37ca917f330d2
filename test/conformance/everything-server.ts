// A server with all that the scenarios of the official suite ask for, over standard streams, in both eras of the protocol.
import { randomBytes } from 'node:crypto';
import {
  createRequestStateCodec,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { askingTools } from './everything/asking-tools.ts';
import { CAPABILITIES } from './everything/capabilities.ts';
import { plainTools } from './everything/plain-tools.ts';
import { servePrompts } from './everything/prompts.ts';
import { serveResources } from './everything/resources.ts';

const states = createRequestStateCodec<Readonly<Record<string, unknown>>>({ key: randomBytes(32) });
const tools = { ...plainTools, ...askingTools(states) };

serveStdio(() => {
  const server = new Server(
    { name: 'everything', version: '1.0.0' },
    {
      capabilities: CAPABILITIES,
      requestState: { verify: (state, context) => states.verify(state, context) },
    },
  );
  server.setRequestHandler('tools/list', () => ({
    tools: Object.entries(tools).map(([name, { description, inputSchema }]) => ({
      name,
      description,
      inputSchema: inputSchema ?? { type: 'object' as const },
      annotations: { readOnlyHint: true },
    })),
  }));
  server.setRequestHandler('tools/call', ({ params }, context) => {
    const tool = tools[params.name];
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    return tool.call(context, params.arguments ?? {}, server);
  });
  serveResources(server);
  servePrompts(server);
  return server;
});
