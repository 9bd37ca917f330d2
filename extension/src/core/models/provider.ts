import type { JsonObject } from '../../base/json.ts';
import type { AssistantMessage, Cost, Message, ToolDefinition, Usage } from '../../protocol/message.ts';

/** One request to a model, whoever serves it. The system message, if any, comes first. */
export interface ChatRequest {
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly maxOutputTokens?: number;
  /** The model must call one of the tools. */
  readonly toolChoice?: 'required';
  /** The answer's text is JSON of this shape. Without tool calls, a text that is no JSON is a `bad-response`. */
  readonly responseSchema?: ResponseSchema;
  /** How much the model should think before it answers; without it the model's own default holds. */
  readonly reasoning?: 'low' | 'medium' | 'high';
  /** How long Anthropic keeps what it cached of this request; five minutes if not said. An hour costs more to write. */
  readonly cacheFor?: '5m' | '1h';
}

export interface ResponseSchema {
  /** Made of letters, digits, `_` and `-`, at most 64 long. */
  readonly name: string;
  /** JSON Schema of the answer, whose outermost type is an object. */
  readonly schema: JsonObject;
}

export interface ChatCall extends ChatRequest {
  readonly signal: AbortSignal;
  /** Called for the answer text as it arrives: for all of it that one piece of the network held, at once. */
  readonly onText: (text: string) => void;
  /** Called in the same way for what the model thinks aloud. */
  readonly onReasoning?: (text: string) => void;
}

export type StopReason = 'end' | 'tool-calls' | 'length' | 'content-policy';

/** What a provider answers with. It throws a `ModelError` and nothing else. */
export interface ChatReply {
  readonly message: AssistantMessage;
  readonly stop: StopReason;
  /** The model's own name as the answer gives it. */
  readonly model: string;
  readonly usage: Usage | undefined;
  /** A service tier, speed or region of the provider's that has prices other than those of its list. */
  readonly tier?: string;
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
  /** The form of OpenAI's API that the address speaks. Without it the official one is asked for Codex models by `responses`. */
  readonly api?: 'responses' | 'chat';
  /** What a person says that this model costs, which counts more than any price list. */
  readonly price?: TokenPrice;
}

/** US dollars per million tokens. What is left out costs what the next more general kind does, and that is `input`. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly cacheWrite1h?: number;
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
  /** Who asks, where the run has more agents than one. */
  readonly agent?: string;
  /** One sentence about a choice, a retry or a fallback, for the trace. */
  readonly onNote: (level: 'info' | 'warning', text: string) => void;
}

/** Layer 1 as the other layers see it. Throws a `ModelError` when no deployment of the route could answer. */
export interface Models {
  chat(call: RouteCall): Promise<RoutedReply>;
}
