import type { Json, JsonObject } from '../base/json.ts';
import { readConversation } from './conversation.ts';
import type { BlobId, Payload } from './run-event.ts';

type GetBlob = (id: BlobId) => string;

/**
 * What a payload holds, with the blobs that it names in place: `conversation` becomes `messages`, and `tools` the
 * definitions. Throws what `getBlob` throws, and `conversation-damaged`.
 */
export function readPayload(getBlob: GetBlob, payload: Payload): Json {
  const value = 'inline' in payload ? payload.inline : parseText(getBlob(payload.blob));
  if (!isObject(value)) return value;
  const result: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    if (name === 'conversation' && isBlobId(member)) {
      // Messages are plain data, which an interface without an index signature cannot say of itself.
      result['messages'] = readConversation(getBlob, member) as unknown as Json;
    } else if (name === 'tools' && isBlobId(member)) result[name] = parseText(getBlob(member));
    else result[name] = member;
  }
  return result;
}

/** Leaves out what goes beyond `budget` characters, of `messages` the oldest. `cut` says whether anything is missing. */
export function cutPayload(value: Json, budget: number): { readonly value: Json; readonly cut: boolean } {
  const cutter = { left: budget, longest: Math.max(1, Math.floor(budget / 8)), cut: false };
  const result = cutValue(value, cutter, 0);
  return { value: result, cut: cutter.cut };
}

/** Deeper than any payload of ours, and shallow enough for every reader of JSON. */
const DEEPEST = 100;

interface Cutter {
  left: number;
  readonly longest: number;
  cut: boolean;
}

function cutValue(value: Json, cutter: Cutter, depth: number): Json {
  if (typeof value === 'string') {
    const length = Math.max(0, Math.min(value.length, cutter.longest, cutter.left));
    cutter.left -= length + 8;
    if (length === value.length) return value;
    cutter.cut = true;
    return `${value.slice(0, length)}…`;
  }
  cutter.left -= 8;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) {
    cutter.cut = true;
    return '…';
  }
  if (isList(value)) return cutList(value, cutter, depth);
  const result: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    if (cutter.left <= 0) {
      cutter.cut = true;
      break;
    }
    cutter.left -= name.length;
    result[name] =
      name === 'messages' && isList(member)
        ? [...cutList([...member].reverse(), cutter, depth + 1)].reverse()
        : cutValue(member, cutter, depth + 1);
  }
  return result;
}

function cutList(list: readonly Json[], cutter: Cutter, depth: number): readonly Json[] {
  const result: Json[] = [];
  for (const item of list) {
    if (cutter.left <= 0) {
      cutter.cut = true;
      break;
    }
    result.push(cutValue(item, cutter, depth + 1));
  }
  return result;
}

/** Blobs of payloads are JSON; one that is not is shown as the text that it is. */
function parseText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function isBlobId(value: Json): value is BlobId {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
