import type { AssistantMessage, Cost, Message, ToolDefinition, Usage } from '../../protocol/message.ts';

/** One request to a model, whoever serves it. The system message, if any, comes first. */
export interface ChatRequest {
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly maxOutputTokens?: number;
}

export interface ChatCall extends ChatRequest {
  readonly signal: AbortSignal;
  /** Called for each piece of answer text as it arrives. */
  readonly onText: (text: string) => void;
}

export type StopReason = 'end' | 'tool-calls' | 'length' | 'content-policy';

/** What a provider answers with. It throws a `ModelError` and nothing else. */
export interface ChatReply {
  readonly message: AssistantMessage;
  readonly stop: StopReason;
  /** The model's own name as the answer gives it. */
  readonly model: string;
  readonly usage: Usage | undefined;
  readonly firstTokenMs?: number;
}

/** A model behind an address and a key, ready to be called. Never retries: the router is the only loop that does. */
export interface Provider {
  chat(call: ChatCall): Promise<ChatReply>;
}

/** One model at one provider that a route can pick. */
export interface Deployment {
  /** Unique name, such as `anthropic/claude-sonnet-4-5`. */
  readonly id: string;
  readonly provider: 'openai' | 'anthropic' | 'ollama' | 'vscode' | 'demo';
  readonly model: string;
  readonly baseUrl?: string;
  /** Name under which the key is kept; the key itself never stands in a configuration. */
  readonly keyName?: string;
}

/** What the orchestration gets back from a route. */
export interface RoutedReply {
  readonly message: AssistantMessage;
  readonly stop: StopReason;
  readonly deployment: string;
  readonly provider: string;
  readonly model: string;
  readonly usage: Usage;
  readonly cost: Cost;
  readonly firstTokenMs?: number;
}

export interface RouteCall extends ChatCall {
  /** Task type, such as `code`. */
  readonly route: string;
  /** One sentence about a choice, a retry or a fallback, for the trace. */
  readonly onNote: (level: 'info' | 'warning', text: string) => void;
}

/** Layer 1 as the other layers see it. Throws a `ModelError` when no deployment of the route could answer. */
export interface Models {
  chat(call: RouteCall): Promise<RoutedReply>;
}
