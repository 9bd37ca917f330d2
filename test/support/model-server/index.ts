export { asAgent, servingProvider, type Decide } from './as-agent.ts';
export type {
  Fault,
  Script,
  ScriptedCall,
  ScriptedReply,
  WireFormat,
  WireRequest,
  WireStyle,
} from './script.ts';
export { startModelServer, type ModelServer, type ModelServerOptions } from './server.ts';
