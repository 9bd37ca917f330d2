import type { JsonObject } from '../../base/json.ts';
import type { ImagePart, TextPart, ToolDefinition } from '../../protocol/message.ts';
import type { StepEffect } from '../../protocol/run-event.ts';

/** A tool as the registry knows it: what the model sees, and what Strata knows about it. */
export interface Tool extends ToolDefinition {
  /** Name of the server, the first part of the tool's name. */
  readonly server: string;
  /** From the annotations of servers that are trusted; any other server's tools are `change`. */
  readonly effect: StepEffect;
}

/** What a call came to. A refusal or a failure of the tool is a result that the model reads, not an exception. */
export interface ToolResult {
  readonly content: readonly (TextPart | ImagePart)[];
  readonly isError: boolean;
}

export interface ToolCall {
  readonly arguments: JsonObject;
  readonly signal: AbortSignal;
  /** Output of a long call as it arrives. */
  readonly onOutput: (text: string) => void;
}

/**
 * A server's tools: an MCP server in its container, or a few functions in process. `list` starts the server when it must.
 * `call` throws only when the server cannot be reached at all (a `StrataError`); what the tool says is a result.
 */
export interface ToolServer {
  readonly name: string;
  list(signal: AbortSignal): Promise<readonly Tool[]>;
  call(tool: string, call: ToolCall): Promise<ToolResult>;
  dispose(): Promise<void>;
}

/** Layer 4 as the orchestration sees it. */
export interface Tools {
  /** All tools of all servers, in a stable order, so that prompt caches hold. Notes say which server is missing and why. */
  catalogue(
    signal: AbortSignal,
    /** What is being fetched, built or started, for people who wait for it. */
    onProgress: (text: string) => void,
  ): Promise<{ readonly tools: readonly Tool[]; readonly notes: readonly string[] }>;
  call(tool: string, call: ToolCall): Promise<ToolResult>;
  dispose(): Promise<void>;
}
