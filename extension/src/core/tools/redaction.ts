import type { Json, JsonObject } from '../../base/json.ts';
import type { ImagePart, TextPart } from '../../protocol/message.ts';
import { occurrences, spellingsOf } from './secret-spellings.ts';
import type { Spelling } from './secret-spellings.ts';
import type { ToolResult } from './tool.ts';

/** Shorter ones would be found everywhere, and every word that holds them would be replaced. */
const SHORTEST_SECRET = 6;

/** Keeps the values of secrets out of what a server says. */
export interface Redaction {
  text(text: string): string;
  result(result: ToolResult): ToolResult;
  /** For text that comes in pieces: what may be the beginning of a secret is held back until more is known. */
  stream(write: (text: string) => void): { readonly write: (text: string) => void; readonly end: () => void };
}

/** Why this cannot be a secret; undefined when it can. */
export function secretMistake(name: string, value: string): string | undefined {
  if (value.length >= SHORTEST_SECRET) return undefined;
  return `The value of ${name} has fewer than ${SHORTEST_SECRET} characters, which is too short to be kept out of results.`;
}

/**
 * Replaces each secret by `[secret NAME]`, also where it is written in Base64, in hex, for an address or as a JSON text. A
 * server that wants to can give a secret away in a thousand other forms: this is against accidents, and against errors that
 * quote what they were given. What a server must not send out, its list of hosts keeps in.
 */
export function createRedaction(secrets: ReadonlyMap<string, string>): Redaction {
  const spellings = [...secrets]
    .filter(([, value]) => value.length >= SHORTEST_SECRET)
    .flatMap(([name, value]) => spellingsOf(name, value))
    // A secret that holds another one is replaced as a whole.
    .sort((a, b) => b.text.length - a.text.length);
  const longest = spellings[0]?.text.length ?? 0;

  const text = (value: string): string => {
    let result = '';
    let from = 0;
    for (const { at, length, name } of occurrences(value, spellings)) {
      result += `${value.slice(from, at)}[secret ${name}]`;
      from = at + length;
    }
    return from === 0 ? value : result + value.slice(from);
  };
  const json = (value: Json): Json => {
    if (typeof value === 'string') return text(value);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return (value as readonly Json[]).map(json);
    // Not by assignment: `__proto__` is a key like any other.
    return Object.fromEntries<Json | undefined>(
      Object.entries(value as JsonObject).map(([key, member]) => [
        text(key),
        member === undefined ? member : json(member),
      ]),
    );
  };

  return {
    text,
    result: (result) => {
      if (spellings.length === 0) return result;
      return {
        ...result,
        content: redactParts(result.content, spellings),
        ...(result.structured === undefined ? {} : { structured: json(result.structured) as JsonObject }),
        ...(result.raw === undefined ? {} : { raw: json(result.raw) as JsonObject }),
      };
    },
    stream: (write) => {
      let held = '';
      const pass = (ready: string): void => {
        if (ready !== '') write(ready);
      };
      return {
        write: (piece) => {
          const all = text(held + piece);
          // Only the last characters can be the beginning of something longer.
          const keep = beginningIn(all, spellings, longest);
          held = all.slice(all.length - keep);
          pass(all.slice(0, all.length - keep));
        },
        end: () => {
          pass(held);
          held = '';
        },
      };
    },
  };
}

/** How many of the last characters may be the beginning of a secret. */
function beginningIn(text: string, spellings: readonly Spelling[], longest: number): number {
  for (let length = Math.min(longest - 1, text.length); length > 0; length--) {
    const end = text.slice(text.length - length);
    if (spellings.some((spelling) => spelling.text.length > length && spelling.text.startsWith(end)))
      return length;
  }
  return 0;
}

/** Texts side by side are one text to whoever reads them, so a secret that begins in one may end in the next. */
function redactParts(
  parts: readonly (TextPart | ImagePart)[],
  spellings: readonly Spelling[],
): readonly (TextPart | ImagePart)[] {
  const whole = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const found = occurrences(whole, spellings);
  if (found.length === 0) return parts;
  let start = 0;
  return parts.map((part) => {
    if (part.type !== 'text') return part;
    const end = start + part.text.length;
    let text = '';
    let from = start;
    for (const { at, length, name } of found) {
      if (at + length <= start || at >= end) continue;
      text += whole.slice(from, Math.max(from, at));
      if (at >= start) text += `[secret ${name}]`;
      from = Math.min(end, at + length);
    }
    text += whole.slice(from, end);
    start = end;
    return { type: 'text', text };
  });
}
