import type { ModelUse } from './model-use.ts';

/** What is known of a tool call beside its answer, recorded with its step. */
export interface ToolUse {
  /** Name of the server that answered. */
  readonly server: string;
  /** Id of the image that the server ran from, `sha256:…`; absent for one that runs in no container. */
  readonly image?: string;
  /** The answer was kept from an earlier call with the same arguments on the same files; no server was asked. */
  readonly cached?: true;
  /** Milliseconds that a rate limit held the call back. */
  readonly waitedMs?: number;
  /** What the server connected to, or tried to, while the call lasted. */
  readonly connections?: readonly EgressConnection[];
  /** Model calls that the server asked for in the course of the call (MCP sampling), paid for by the run. */
  readonly sampled?: readonly ModelUse[];
}

/** One connection that a server opened through the egress proxy, or that was refused. */
export interface EgressConnection {
  readonly host: string;
  readonly port: number;
  readonly allowed: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly durationMs: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}
