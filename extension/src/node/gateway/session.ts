import type { Event } from '../../base/event.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Tool, ToolCall, ToolResult } from '../../core/tools/index.ts';
import type { McpServerFace } from '../mcp/index.ts';

/** A program that calls tools through the gateway, by the name that it gives itself. */
export interface GatewayClient {
  readonly name: string;
  readonly version: string;
}

/** What a server has beside its tools. */
export type ServerFace = Pick<
  McpServerFace,
  | 'describe'
  | 'resources'
  | 'resourceTemplates'
  | 'readResource'
  | 'subscribe'
  | 'unsubscribe'
  | 'prompts'
  | 'getPrompt'
  | 'complete'
  | 'onDidChangeResources'
  | 'onDidChangePrompts'
  | 'onDidUpdateResource'
  | 'onDidLog'
>;

/** What a client is told and asked while its call goes on. */
export type CallOptions = Pick<ToolCall, 'signal' | 'questions' | 'onProgress'>;

/** What one client works with: the servers on one copy of the folder, and the run that its calls are recorded in. */
export interface GatewaySession {
  /** Names of the servers that there are, in a stable order. */
  servers(signal: AbortSignal): Promise<readonly string[]>;
  /** What the client may call, as it was last listed or as it is now; starts nothing that need not be started for it. */
  tools(signal: AbortSignal, how: 'known' | 'fresh'): Promise<readonly Tool[]>;
  readonly onDidChangeTools: Event<void>;
  /** Begins the run, when it is the first one. Rejects when the run has ended before it could answer. */
  call(tool: string, args: JsonObject, options: CallOptions): Promise<ToolResult>;
  /** Undefined for a server that has nothing but tools. */
  face(server: string, signal: AbortSignal): Promise<ServerFace | undefined>;
  /** The faces that were asked for so far; a server that nobody asks anything of has nothing to tell. */
  readonly faces: ReadonlyMap<string, ServerFace>;
  readonly onDidOpenFace: Event<{ readonly name: string; readonly face: ServerFace }>;
  /** Calls off what is under way, and ends the run with everything that was started for it. */
  close(): Promise<void>;
}

export type OpenSession = (client: GatewayClient) => Promise<GatewaySession>;
