import type { JsonObject } from '../../base/json.ts';
import { loadOnce } from '../../base/load-once.ts';
import type { McpServerFace, HttpServerOptions, McpServerOptions } from '../mcp/index.ts';

/** The parts of `node/mcp` that open servers, with what they learn of servers and schemas for as long as the folder is open. */
export interface Mcp {
  openMcpServer(options: McpServerOptions): McpServerFace;
  openHttpServer(options: HttpServerOptions): McpServerFace;
  readonly argumentMistakes: (schema: JsonObject, args: JsonObject) => string | undefined;
}

/** Loads the client and its validator at the first need. */
export function mcpAtNeed(): () => Promise<Mcp> {
  const loaded = loadOnce(async (): Promise<Mcp> => {
    const mcp = await import('../mcp/index.ts');
    const shared = { checks: mcp.openSchemaChecks(), eras: mcp.openEraMemory() };
    return {
      openMcpServer: (options) => mcp.openMcpServer({ ...shared, ...options }),
      openHttpServer: (options) => mcp.openHttpServer({ ...shared, ...options }),
      argumentMistakes: mcp.openArgumentChecks(shared.checks),
    };
  });
  return loaded.get;
}
