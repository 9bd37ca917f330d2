export { openToolServers, type ServerOptions } from './open-servers.ts';
export { openMcpServer, type McpServerOptions } from './mcp-server.ts';
export { hostLauncher, type HostOptions } from './host-process.ts';
export type { ProcessEnd, ServerLauncher, ServerProcess } from './server-process.ts';
export { builtInEffect, type EffectOf } from './tools.ts';
export { argumentMistakes } from './validate.ts';
