import type { JsonObject } from '../../base/json.ts';
import type { Message, ToolCallPart } from '../../protocol/message.ts';
import { badResponse } from './errors.ts';

/** A tool call as it came over the wire, its arguments still text. */
export interface RawToolCall {
  readonly id: string | undefined;
  readonly name: string;
  readonly arguments: string;
}

/** OpenAI refuses longer call ids; Anthropic refuses other characters than these. Both see each other's after a fallback. */
const LONGEST_ID = 40;
const LONGEST_NAME = 64;
/** No tool takes arguments as deep as this, and what walks through them, here and in a server, would run out of stack. */
const DEEPEST_ARGUMENTS = 100;

/**
 * Checks and repairs what a model asked for. Ids that are missing or were used before (in the reply or in the request's
 * messages) get a number, always the same one for the same input. Throws `bad-response` for a call without a name and
 * for arguments that are no JSON object.
 */
export function readToolCalls(
  calls: readonly RawToolCall[],
  history: readonly Message[],
  cutByLength: boolean,
): readonly ToolCallPart[] {
  const given = new Set<string>();
  const isUsed = (id: string): boolean => given.has(id) || wasUsed(history, id);
  return calls.map((call) => {
    if (call.name.trim() === '') throw badResponse('a tool call had no tool name');
    const callId = freeId(call.id, isUsed);
    given.add(callId);
    const tool = call.name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, LONGEST_NAME);
    return { type: 'tool-call', callId, tool, arguments: readArguments(call, cutByLength) };
  });
}

function readArguments(call: RawToolCall, cutByLength: boolean): JsonObject {
  if (call.arguments.trim() === '') return {};
  const value = parseObject(call.arguments);
  if (value !== undefined) {
    if (!isDeeper(value, DEEPEST_ARGUMENTS)) return value;
    throw badResponse(
      `the arguments of the tool call “${call.name.slice(0, LONGEST_NAME)}” are nested more than ${DEEPEST_ARGUMENTS} deep`,
    );
  }
  const why = cutByLength
    ? 'were cut off by the limit on output tokens'
    : 'are no JSON object, or were cut in half';
  throw badResponse(`the arguments of the tool call “${call.name.slice(0, LONGEST_NAME)}” ${why}`);
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** JSON.parse yields nothing but JSON, so only the outer type is open. */
function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeper(member, depth - 1));
}

/** Looked through anew for each call: there are few, and a set of all ids would be made for every reply of a long run. */
function wasUsed(history: readonly Message[], id: string): boolean {
  for (const message of history) {
    if (message.role !== 'assistant') continue;
    for (const part of message.content) if (part.type === 'tool-call' && part.callId === id) return true;
  }
  return false;
}

function freeId(wanted: string | undefined, isUsed: (id: string) => boolean): string {
  const clean = (wanted ?? '').replace(/[^A-Za-z0-9_-]/g, '_').slice(0, LONGEST_ID);
  if (clean !== '' && !isUsed(clean)) return clean;
  const stem = clean === '' ? 'call' : clean.slice(0, LONGEST_ID - 6);
  for (let n = clean === '' ? 1 : 2; ; n++) {
    const id = `${stem}_${n}`;
    if (!isUsed(id)) return id;
  }
}
