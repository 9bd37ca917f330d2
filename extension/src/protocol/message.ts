import type { JsonObject } from '../base/json.ts';

/** The one message shape of Strata. Each provider maps to and from it without loss. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

export interface SystemMessage {
  readonly role: 'system';
  readonly text: string;
}

export interface UserMessage {
  readonly role: 'user';
  readonly content: readonly (TextPart | ImagePart)[];
}

export interface AssistantMessage {
  readonly role: 'assistant';
  readonly content: readonly (TextPart | ReasoningPart | ToolCallPart)[];
}

export interface ToolMessage {
  readonly role: 'tool';
  readonly callId: string;
  readonly content: readonly (TextPart | ImagePart)[];
  /** The call was refused or failed; the model reads the reason in `content`. */
  readonly isError: boolean;
}

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

export interface ImagePart {
  readonly type: 'image';
  readonly mimeType: string;
  /** Base64. */
  readonly data: string;
}

export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  /**
   * Opaque proof of origin that some providers want back with the next request. A prefix says whose it is, but for
   * Anthropic's own form, which has none.
   */
  readonly signature?: string;
}

export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly callId: string;
  readonly tool: string;
  readonly arguments: JsonObject;
}

/** A tool as a model sees it. `name` is `<server>_<tool>`, made of letters, digits, `_` and `-`, at most 64 long. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema 2020-12 of the arguments. */
  readonly inputSchema: JsonObject;
}

/**
 * Tokens of one model call. `input` includes those read from and written to the provider's cache, `output` those of the
 * reasoning, and `cacheWrite` those that are kept for an hour.
 */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly cacheWrite1h?: number;
  readonly reasoning?: number;
}

/**
 * What a model call cost, in US dollars. `priced`: from the provider's raw usage and a known price; `estimated`: usage or
 * price was partly guessed; `unknown`: no price is known, which is never shown as 0; `free`: a local or demo model.
 */
export type Cost =
  | { readonly kind: 'priced' | 'estimated'; readonly usd: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'free' };

export function textOf(message: Message): string {
  if (message.role === 'system') return message.text;
  return message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
}

export function toolCallsOf(message: AssistantMessage): readonly ToolCallPart[] {
  return message.content.filter((part) => part.type === 'tool-call');
}
