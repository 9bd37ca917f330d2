export { openHttpServer, openMcpServer } from './mcp-server.ts';
export { hostLauncher } from './host-process.ts';
export type { ProcessEnd, ServerLauncher, ServerProcess } from './server-process.ts';
export { argumentMistakes } from './validate.ts';
export type {
  McpServerFace,
  McpServerState,
  McpServerStatus,
  ServerDescription,
  ServerMessage,
} from './mcp-server-face.ts';
export { openEraMemory, type EraMemory } from './eras.ts';
export { openArgumentChecks, openSchemaChecks, type SchemaChecks } from './validate.ts';
export type { HttpServerOptions, McpServerOptions } from './mcp-server-options.ts';
export type { HttpAddress } from './http/http-link.ts';
