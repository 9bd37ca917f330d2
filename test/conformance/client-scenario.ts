import * as z from 'zod';
import { openEraMemory, type EraMemory } from '../../extension/src/node/mcp/eras.ts';
import { openMcpServer } from '../../extension/src/node/mcp/mcp-server.ts';
import type { JsonObject } from '../../extension/src/base/json.ts';

const [address = ''] = process.argv.slice(2);
const scenario = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
const context = z
  .object({
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
    toolCalls: z.array(z.object({ name: z.string(), arguments: z.record(z.string(), z.json()) })).optional(),
  })
  .parse(JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}'));

/** Their servers answer neither handshake, so the client is told what an earlier one would have brought. */
const withoutHandshake = new Set([
  'sep-2322-client-request-state',
  'http-standard-headers',
  'http-custom-headers',
  'http-invalid-tool-headers',
]);

/** What is called besides listing; by default every tool that there is, without arguments. */
async function calls(list: readonly { readonly name: string; readonly inputSchema: JsonObject }[]) {
  if (context.toolCalls) return context.toolCalls;
  const args: Record<string, (schema: JsonObject) => JsonObject> = {
    add_numbers: () => ({ a: 5, b: 3 }),
    json_schema_echo: () => ({
      schema: list.find(({ name }) => name.endsWith('json_schema_2020_12_tool'))?.inputSchema ?? {},
    }),
  };
  const region = scenario === 'http-invalid-tool-headers' ? { region: 'us-west1' } : {};
  return list.map(({ name, inputSchema }) => {
    const local = name.slice('it_'.length);
    return { name: local, arguments: args[local]?.(inputSchema) ?? region };
  });
}

function eras(): EraMemory {
  const memory = openEraMemory();
  if (withoutHandshake.has(scenario))
    memory.keep(new URL(address).href, {
      kind: 'modern',
      discover: {
        supportedVersions: ['2026-07-28'],
        capabilities: { tools: {}, resources: {}, prompts: {} },
        ttlMs: 0,
        cacheScope: 'private',
      },
    });
  return memory;
}

/** A person who agrees to everything, in a browser that shows nothing. */
async function openAddress(url: string): Promise<boolean> {
  const response = await fetch(url);
  await response.body?.cancel();
  return true;
}

const server = openMcpServer({
  name: 'it',
  effectOf: () => 'read',
  callLimitMs: 20_000,
  eras: eras(),
  elicit: () =>
    Promise.resolve({
      action: 'accept',
      content: scenario === 'elicitation-sep1034-client-defaults' ? {} : { confirmed: true },
    }),
  http: {
    url: address,
    openAddress,
    clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
    ...(context.client_id === undefined
      ? {}
      : {
          client: {
            id: context.client_id,
            ...(context.client_secret === undefined ? {} : { secret: context.client_secret }),
          },
        }),
  },
});
const signal = AbortSignal.timeout(60_000);
try {
  const tools = await server.list(signal);
  const own = tools.filter(({ name }) => !server.isAdded(name));
  for (const held of server.heldBack) console.log(`held back: ${held.name}: ${held.reason}`);
  for (const call of await calls(own)) {
    const result = await server.call(`it_${call.name}`, {
      arguments: call.arguments,
      signal,
      onOutput: () => undefined,
    });
    console.log(call.name, JSON.stringify(result.content).slice(0, 500), result.isError);
  }
  for (const { uri } of await server.resources(signal)) await server.readResource(uri, signal);
  for (const { name } of await server.prompts(signal)) await server.getPrompt(name, {}, signal);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await server.dispose();
}
