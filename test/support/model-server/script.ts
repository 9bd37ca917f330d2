import type { JsonObject } from '../../../extension/src/base/json.ts';
import type { Message, ToolDefinition, Usage } from '../../../extension/src/protocol/message.ts';

export type WireFormat = 'openai' | 'responses' | 'anthropic';

/** A request as the server understood it, whatever the format. */
export interface WireRequest {
  readonly format: WireFormat;
  readonly path: string;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
}

export interface ScriptedCall {
  readonly id?: string;
  readonly name: string;
  /** A string goes over the wire as it is, also when it is no JSON. */
  readonly arguments: JsonObject | string;
}

export interface ScriptedReply {
  readonly reasoning?: string;
  readonly text?: string;
  readonly toolCalls?: readonly ScriptedCall[];
  /** Counted as OpenAI and Strata do: `input` includes what the cache served. Left out: counted from the length of the texts. */
  readonly usage?: Usage | 'none';
  readonly stop?: 'end' | 'tool-calls' | 'length' | 'content-policy';
  readonly model?: string;
  /** How the stream is written; the defaults are those of the official servers. */
  readonly wire?: WireStyle;
}

export interface WireStyle {
  /** Characters of text, and of tool arguments, in one event. */
  readonly pieceLength?: number;
  readonly newline?: '\n' | '\r\n';
  /** Comments and, for Anthropic, pings between the events. */
  readonly comments?: boolean;
  /** Each byte is a TCP write of its own, so that characters and lines are split. */
  readonly byteByByte?: boolean;
  /** OpenAI's `[DONE]` is left out. */
  readonly noDone?: boolean;
  /** Milliseconds between two events. */
  readonly delayMs?: number;
}

export type Fault =
  | {
      readonly fault: 'status';
      readonly status: number;
      /** Left out: the official error body of the format for this status. */
      readonly body?: string | JsonObject;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** A 200 whose stream holds no JSON. */
  | { readonly fault: 'garbage' }
  /** A 200 with a web page. */
  | { readonly fault: 'html' }
  /** The reply's stream, cut by closing the socket after so many events. */
  | { readonly fault: 'cut'; readonly reply: ScriptedReply; readonly afterEvents: number }
  /** The reply's stream, ended in good order but without its last events. */
  | { readonly fault: 'short'; readonly reply: ScriptedReply; readonly afterEvents: number }
  /** The reply's stream, silent after so many events. With 0 not even the headers are sent. */
  | { readonly fault: 'stall'; readonly reply?: ScriptedReply; readonly afterEvents: number }
  /** An error event in the middle of the stream, as both APIs send it. */
  | {
      readonly fault: 'error-event';
      readonly reply: ScriptedReply;
      readonly afterEvents: number;
      readonly type: string;
    }
  /** The socket is closed without an answer. */
  | { readonly fault: 'close' };

/** What the server does with a request; calls are numbered from 1. */
export type Script = (
  request: WireRequest,
  call: number,
) => ScriptedReply | Fault | Promise<ScriptedReply | Fault>;

/** A server-sent event before it is written. */
export interface WireEvent {
  readonly event?: string;
  readonly data: string;
}

/** What a request's body says, whatever the format. */
export type Understood = Pick<WireRequest, 'model' | 'stream' | 'messages' | 'tools'>;

/** One wire format: how it reads requests and writes answers and errors. */
export interface Wire {
  /** Throws a `WireMistake` for what the official API refuses. */
  readonly parse: (body: JsonObject) => Understood;
  readonly events: (reply: ScriptedReply, request: WireRequest, call: number) => readonly WireEvent[];
  readonly whole: (reply: ScriptedReply, request: WireRequest, call: number) => JsonObject;
  readonly error: (status: number, message: string, type?: string) => JsonObject;
  readonly errorEvent: (type: string, message: string) => WireEvent;
  readonly keyOf: (headers: Readonly<Record<string, string>>) => string | undefined;
}

export class WireMistake extends Error {}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new WireMistake(message);
}

/** A text of the reply as its stream carries it. */
export function pieces(text: string, { wire }: ScriptedReply): readonly string[] {
  const length = wire?.pieceLength ?? 12;
  const points = [...text];
  const found: string[] = [];
  for (let at = 0; at < points.length; at += length) found.push(points.slice(at, at + length).join(''));
  return found;
}

/** As a tokenizer would count it, roughly. */
export function usageOf(reply: ScriptedReply, request: WireRequest): Usage | undefined {
  if (reply.usage === 'none') return undefined;
  if (reply.usage !== undefined) return reply.usage;
  const output = `${reply.reasoning ?? ''}${reply.text ?? ''}${JSON.stringify(reply.toolCalls ?? [])}`;
  return { input: Math.ceil(JSON.stringify(request.body).length / 4), output: Math.ceil(output.length / 4) };
}

/** What the reply ends with; the texts of a script need not say so. */
export function stopOf(reply: ScriptedReply): NonNullable<ScriptedReply['stop']> {
  return reply.stop ?? ((reply.toolCalls ?? []).length > 0 ? 'tool-calls' : 'end');
}

export function argumentsText(call: ScriptedCall): string {
  return typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);
}
