import type { JsonObject } from '../../base/json.ts';
import type { ImagePart, TextPart, ToolDefinition } from '../../protocol/message.ts';
import type { RunId, StepEffect, StepId } from '../../protocol/run-event.ts';
import type { ToolUse } from '../../protocol/tool-use.ts';

/** A tool as the registry knows it: what the model sees, and what Strata knows about it. */
export interface Tool extends ToolDefinition {
  /** Name of the server, the first part of the tool's name. */
  readonly server: string;
  /** From the annotations of servers that are trusted; any other server's tools are `change`. */
  readonly effect: StepEffect;
  readonly title?: string;
  /** JSON Schema 2020-12 of `ToolResult.structured`. */
  readonly outputSchema?: JsonObject;
  /** What the server says of it. Hints, unless the server is trusted. */
  readonly annotations?: ToolAnnotations;
  /** What it is for, in single words such as `files` or `network`. */
  readonly tags?: readonly string[];
  /** Tokens that its description takes up in a model's context, estimated. */
  readonly tokens?: number;
  /** Its server did not come with Strata. */
  readonly thirdParty?: true;
}

/** MCP's hints about a tool; what is absent is not said. */
export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** What a call came to. A refusal or a failure of the tool is a result that the model reads, not an exception. */
export interface ToolResult {
  readonly content: readonly (TextPart | ImagePart)[];
  readonly isError: boolean;
  /** The same as data, where the tool has an output schema. */
  readonly structured?: JsonObject;
  readonly use?: ToolUse;
  /**
   * The `CallToolResult` as the server gave it, secrets redacted, for callers that speak MCP themselves: `content` has no
   * audio, links and embedded resources. Only `error` where it answered with an error of the protocol. Kept with a cached
   * answer, and recorded nowhere.
   */
  readonly raw?: JsonObject;
}

/** A question of a server to its caller in the middle of a call, in MCP's own words. */
export interface ServerQuestion {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: JsonObject;
}

/** Answers a server's questions in place of the person: the gateway's client, whose call it is. */
export interface QuestionDesk {
  /** MCP's `ClientCapabilities`: what can be asked here. Other elicitations go to the person, anything else is refused. */
  readonly capabilities: JsonObject;
  /** All questions that a server has at once, by its own names for them, answered with MCP results under these names. */
  ask(
    questions: Readonly<Record<string, ServerQuestion>>,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, JsonObject>>>;
}

/** In which run a call is made, for limits, caches and traces. */
export interface CallContext {
  readonly run: RunId;
  readonly step: StepId;
  /** W3C trace context of the step, sent along in `_meta`. */
  readonly traceparent: string;
  /** Git tree of the files as they are now; absent where they can change unseen, as in the user's own folder. */
  readonly tree?: string;
  /** How many calls of the run may have changed files before, also ones that no tree holds, such as ignored ones. */
  readonly writes?: number;
}

export interface ToolCall {
  readonly arguments: JsonObject;
  /** Whose tool is meant, as the catalogue said it. Another server's tool of that name is then not called. */
  readonly server?: string;
  readonly signal: AbortSignal;
  /** Output of a long call as it arrives. */
  readonly onOutput: (text: string) => void;
  /** How far it is, as the server counts; its words come with `onOutput`. */
  readonly onProgress?: (progress: {
    readonly progress: number;
    readonly total?: number;
    readonly message?: string;
  }) => void;
  /** One sentence about the call for its step: a cache hit, a wait, a connection. */
  readonly onNote?: (level: 'info' | 'warning', text: string) => void;
  readonly context?: CallContext;
  /** Absent for an agent's call: the person is asked. */
  readonly questions?: QuestionDesk;
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
