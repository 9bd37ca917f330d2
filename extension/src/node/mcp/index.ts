export { openToolServers, type ServerOptions } from './open-servers.ts';
export { openMcpServer } from './mcp-server.ts';
export { hostLauncher } from './host-process.ts';
export type { ServerProcess } from './server-process.ts';
export { argumentMistakes } from './validate.ts';
export type {
  McpServerFace,
  McpServerState,
  McpServerStatus,
  ServerDescription,
  ServerMessage,
} from './mcp-server-face.ts';
