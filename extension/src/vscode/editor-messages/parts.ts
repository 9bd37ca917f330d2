import type { Json, JsonObject } from '../../base/json.ts';

/** The parts of the editor's messages as plain data: its classes are there in its own process alone. */
export type EditorPart = TextPart | DataPart | ThinkingPart | CallPart | ResultPart;

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
}

export interface DataPart {
  readonly kind: 'data';
  readonly mimeType: string;
  readonly data: Uint8Array;
}

/** Not in the stable API, but sent and taken by the editor wherever it has the class. */
export interface ThinkingPart {
  readonly kind: 'thinking';
  readonly text: string;
  readonly id?: string;
  readonly metadata?: JsonObject;
}

export interface CallPart {
  readonly kind: 'call';
  readonly callId: string;
  readonly name: string;
  readonly input: JsonObject;
}

export interface ResultPart {
  readonly kind: 'result';
  readonly callId: string;
  readonly content: readonly (TextPart | DataPart)[];
  readonly isError: boolean;
}

export interface EditorMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly EditorPart[];
}

/**
 * A part by its members, whoever made it: extensions bundle classes of their own, and newer versions have more. Undefined for
 * what is none of these.
 */
export function readPart(part: unknown): EditorPart | undefined {
  if (typeof part === 'string') return { kind: 'text', text: part };
  if (!isObject(part)) return undefined;
  const { mimeType, data, callId, name, input, content, value, isError } = part;
  if (typeof mimeType === 'string')
    return data instanceof Uint8Array ? { kind: 'data', mimeType, data } : undefined;
  if (typeof callId === 'string') {
    if (typeof name === 'string') return { kind: 'call', callId, name, input: asJsonObject(input) };
    if (!Array.isArray(content)) return undefined;
    return { kind: 'result', callId, content: content.flatMap(readResult), isError: isError === true };
  }
  const text = Array.isArray(value) ? value.join('') : value;
  if (typeof text === 'string' && ('id' in part || 'metadata' in part)) return thinking(text, part);
  return typeof text === 'string' ? { kind: 'text', text } : undefined;
}

function thinking(text: string, { id, metadata }: Readonly<Record<string, unknown>>): ThinkingPart {
  return {
    kind: 'thinking',
    text,
    ...(typeof id === 'string' ? { id } : {}),
    ...(isObject(metadata) ? { metadata: asJsonObject(metadata) } : {}),
  };
}

function readResult(part: unknown): (TextPart | DataPart)[] {
  const known = readPart(part);
  if (known?.kind === 'text' || known?.kind === 'data') return [known];
  // What was rendered for `@vscode/prompt-tsx` is a tree that only that package reads.
  const value = isObject(part) ? part['value'] : undefined;
  return value === undefined ? [] : [{ kind: 'text', text: JSON.stringify(value) }];
}

/** What comes from another extension is whatever it made; what cannot be written as JSON is left out. */
function asJsonObject(value: unknown): JsonObject {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value ?? {}));
    return isPlainObject(copy) ? copy : {};
  } catch {
    // It holds itself, or something that is no data; nobody could send it.
    return {};
  }
}

function isPlainObject(value: unknown): value is Readonly<Record<string, Json>> {
  return isObject(value) && !Array.isArray(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
