import { createRequestStateCodec, Server } from '@modelcontextprotocol/server';
import type { Implementation, ServerCapabilities } from '@modelcontextprotocol/server';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker';
import type { ServerDescription } from '../mcp/index.ts';
import type { Scope } from './scope.ts';
import { serveCompletion } from './serve-completion.ts';
import { servePrompts } from './serve-prompts.ts';
import { serveResources } from './serve-resources.ts';
import { serveTools } from './serve-tools.ts';
import type { Served, Ticket } from './with-questions.ts';

const LISTS = { listChanged: true };
/** Which servers have what is found out when somebody asks: to know it before, all of them would have to start. */
const EVERYTHING: ServerCapabilities = {
  tools: LISTS,
  resources: { ...LISTS, subscribe: true },
  prompts: LISTS,
  completions: {},
  logging: {},
};

/** An MCP server for one connection, or for one request of the newest revision. */
export async function buildServer(scope: Scope, signal: AbortSignal): Promise<Server> {
  const description = await describe(scope, signal);
  const codec = createRequestStateCodec<Ticket>({
    key: scope.stateKey,
    bind: ({ mcpReq }) => `${mcpReq.method} ${scope.server ?? ''}`,
  });
  const capabilities = capabilitiesOf(scope, description);
  const instructions = description?.instructions;
  const server = new Server(infoOf(scope, description), {
    capabilities,
    ...(instructions === undefined ? {} : { instructions }),
    jsonSchemaValidator: new CfWorkerJsonSchemaValidator(),
    requestState: { verify: (state, context) => codec.verify(state, context) },
  });
  const served: Served = { scope, server, codec };
  serveTools(served);
  if (capabilities.resources) serveResources(served);
  if (capabilities.prompts) servePrompts(served);
  if (capabilities.completions) serveCompletion(served);
  return server;
}

async function describe(scope: Scope, signal: AbortSignal): Promise<ServerDescription | undefined> {
  if (scope.server === undefined) return undefined;
  if (scope.known.description) return scope.known.description;
  const face = await (await scope.session()).face(scope.server, signal);
  const description = await face?.describe(signal);
  scope.known.description = description;
  return description;
}

function capabilitiesOf({ server }: Scope, description: ServerDescription | undefined): ServerCapabilities {
  if (server === undefined) return EVERYTHING;
  const { resources, prompts, completions } = description?.capabilities ?? {};
  return {
    tools: LISTS,
    ...(resources ? { resources: { ...LISTS, ...(resources.subscribe ? { subscribe: true } : {}) } } : {}),
    ...(prompts ? { prompts: LISTS } : {}),
    ...(completions ? { completions: {} } : {}),
    logging: {},
  };
}

function infoOf({ server, version }: Scope, description: ServerDescription | undefined): Implementation {
  if (server === undefined) return { name: 'strata', title: 'Strata', version };
  const title = description?.info?.title ?? description?.info?.name;
  return {
    // Clients name tools after it: `files_read` could be anybody's, and ours must be known where they come back to us.
    name: `strata-${server}`,
    ...(title === undefined ? {} : { title }),
    version: description?.info?.version ?? version,
  };
}
