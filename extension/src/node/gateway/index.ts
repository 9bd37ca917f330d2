export { openGateway, type Gateway, type GatewayOptions } from './open-gateway.ts';
export { serveStdioGateway, type StdioOptions } from './stdio.ts';
export type { GatewayLimits } from './limits.ts';
export type { CallOptions, GatewayClient, GatewaySession, OpenSession, ServerFace } from './session.ts';
