import type { Json, JsonObject } from '../../base/json.ts';
import { textOf, type AssistantMessage } from '../../protocol/message.ts';
import { badResponse } from './errors.ts';
import type { ChatReply, ResponseSchema } from './provider.ts';

/** What OpenAI and Anthropic both hold an answer to. Source: the pages on structured outputs of their API references. */
const HELD: ReadonlySet<string> = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  'title',
  'description',
  '$defs',
]);

/**
 * Whether a model can be held to the schema, rather than asked to keep to it: each object lists all its members, requires them
 * and allows no others, and nothing else is said than `HELD` knows.
 */
export function canBeHeldTo(schema: JsonObject): boolean {
  return schema.type === 'object' && schema.anyOf === undefined && isHeld(schema);
}

function isHeld(schema: Json | undefined): boolean {
  if (!isJsonObject(schema)) return false;
  if (Object.keys(schema).some((keyword) => !HELD.has(keyword))) return false;
  if (schema.type === 'object' || schema.properties !== undefined) {
    const { properties = {}, required = [], additionalProperties } = schema;
    if (additionalProperties !== false || !isJsonObject(properties) || !Array.isArray(required)) return false;
    if (!Object.keys(properties).every((name) => required.includes(name))) return false;
    if (!Object.values(properties).every(isHeld)) return false;
  }
  if (schema.items !== undefined && !isHeld(schema.items)) return false;
  const { anyOf = [], $defs = {} } = schema;
  return (
    Array.isArray(anyOf) && anyOf.every(isHeld) && isJsonObject($defs) && Object.values($defs).every(isHeld)
  );
}

/** For models that have no setting for it. */
export function inWords({ schema }: ResponseSchema): string {
  return `Answer with one JSON object and nothing else, no code fence either. It must be valid against this JSON Schema:\n${JSON.stringify(schema)}`;
}

type Reply = Omit<ChatReply, 'firstTokenMs'>;

/**
 * The reply with a text that is JSON, without the fence that some models put around it. Throws `bad-response` for any other
 * text. A reply that asks for tools has no answer yet.
 */
export function withJsonText(reply: Reply): Reply {
  if (reply.stop === 'tool-calls' || reply.stop === 'content-policy') return reply;
  const said = textOf(reply.message).trim();
  const text = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/.exec(said)?.[1]?.trim() ?? said;
  if (!isJson(text)) {
    throw badResponse(
      reply.stop === 'length'
        ? 'the answer was cut off by the limit on output tokens before its JSON was complete'
        : 'the answer is not the JSON that was asked for',
    );
  }
  const others = reply.message.content.filter(({ type }) => type !== 'text');
  const content: AssistantMessage['content'] = [...others, { type: 'text', text }];
  return { ...reply, message: { role: 'assistant', content } };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Whatever is wrong with it, the model is asked again.
    return false;
  }
}

function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
