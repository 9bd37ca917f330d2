import type { Json, JsonObject } from '../../base/json.ts';
import { sha256 } from '../orchestration/hash.ts';
import { spellingsOf } from '../tools/secret-spellings.ts';
import { PATTERN_HINTS, SECRET_PATTERNS } from './patterns.ts';

/** Leaves secrets out of what is written: those that are known by value, and what looks like a key or token. */
export interface SecretFilter {
  /** From now on the value is a secret; what could be an ordinary word is none. */
  know(name: string, value: string): void;
  /** `text` may be a JSON text. */
  holds(text: string): boolean;
  text(text: string): string;
  /** The same value where nothing is found. */
  json<T extends Json>(value: T): T;
  /** A JSON text with its strings redacted; it stays JSON. The same text where nothing is found. */
  jsonText(text: string): string;
  /** For text that comes in pieces: what may be the beginning of a secret waits for the next piece, and for ever at the end. */
  stream(write: (text: string) => void): (text: string) => void;
}

/** The words of `SECRET_PATTERNS` end where none of these stands. */
const TAIL = /[A-Za-z0-9_\-+/=.~]{1,400}$/;
const BEARER = /\b[Bb]earer $/;
const PEM_START = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/g;
const PEM_END = /-----END [A-Z0-9 ]*PRIVATE KEY-----/;
const LONGEST_PEM = 16_000;

/** A replaced text names the secret. One that no name is known of has a mark of its value: two of them stay two. */
export function createSecretFilter(): SecretFilter {
  const known = new Map<string, string>();
  let any = anyOf(known);
  let hint = hintOf(known);
  let longest = 0;

  const holds = (text: string): boolean => {
    if (!hint.test(text)) return false;
    any.lastIndex = 0;
    return any.test(text);
  };
  const text = (value: string): string =>
    value.replace(any, (found, ...groups: readonly unknown[]) => {
      const name = known.get(found);
      if (name !== undefined) return `[secret ${name}]`;
      const kind = SECRET_PATTERNS[groups.findIndex((group) => group !== undefined) - 1]?.name ?? 'key';
      return `[secret ${kind} ${sha256(found).slice(0, MARK)}]`;
    });
  const walk = (value: Json): Json => {
    if (typeof value === 'string') return text(value);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return (value as readonly Json[]).map(walk);
    return Object.fromEntries<Json | undefined>(
      Object.entries(value as JsonObject).map(([key, member]) => [
        text(key),
        member === undefined ? member : walk(member),
      ]),
    );
  };

  return {
    know: (name, value) => {
      if (!isDistinct(value) || known.has(value)) return;
      for (const spelling of spellingsOf(name, value)) {
        if (isDistinct(spelling.text)) known.set(spelling.text, name);
      }
      longest = Math.max(...[...known.keys()].map((one) => one.length));
      any = anyOf(known);
      hint = hintOf(known);
    },
    holds,
    text,
    json: <T extends Json>(value: T): T => (holds(JSON.stringify(value)) ? (walk(value) as T) : value),
    jsonText: (value) => {
      if (!holds(value)) return value;
      let parsed: Json;
      try {
        parsed = JSON.parse(value) as Json;
      } catch {
        // No JSON: a text like any other.
        return text(value);
      }
      return JSON.stringify(walk(parsed));
    },
    stream: (write) => {
      let held = '';
      return (piece) => {
        const all = held + piece;
        const open = all.length - Math.max(heldBack(all), partOf(all, known, longest));
        const across = [...all.matchAll(any)].find(
          ({ 0: found, index }) => index < open && index + found.length > open,
        );
        const cut = across?.index ?? open;
        held = all.slice(cut);
        const ready = text(all.slice(0, cut));
        if (ready !== '') write(ready);
      };
    },
  };
}

/** Hex digits of a value's SHA-256, for values that cannot be guessed. */
const MARK = 6;
const SHORTEST = 12;
const SURE = 24;

/** An event is made of words: a value that is one of them would be found in every event. */
function isDistinct(value: string): boolean {
  if (value.length < SHORTEST) return false;
  return value.length >= SURE ? /[A-Za-z]/.test(value) : /[0-9]/.test(value) && /[A-Za-z]/.test(value);
}

/** Known values first, the longest of them before those that it holds; then a group for each pattern. */
function anyOf(known: ReadonlyMap<string, string>): RegExp {
  const values = [...known.keys()].sort((a, b) => b.length - a.length).map(escaped);
  return new RegExp(
    [`(${values.join('|') || '(?!)'})`, ...SECRET_PATTERNS.map(({ source }) => `(${source})`)].join('|'),
    'g',
  );
}

function hintOf(known: ReadonlyMap<string, string>): RegExp {
  // Whole: the beginning of a key may be a word that every event has, such as the name of a provider.
  return new RegExp([...PATTERN_HINTS, ...known.keys()].map(escaped).join('|'));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** How many of the last characters may belong to a pattern that goes on. */
function heldBack(text: string): number {
  const start = [...text.matchAll(PEM_START)].at(-1)?.index;
  if (start !== undefined && !PEM_END.test(text.slice(start)) && text.length - start < LONGEST_PEM)
    return text.length - start;
  const tail = TAIL.exec(text)?.[0].length ?? 0;
  const bearer = BEARER.exec(text.slice(0, text.length - tail).slice(-BEARER_WINDOW))?.[0].length ?? 0;
  const dashes = /-----(?:BEGIN[A-Z0-9 ]{0,40}-{0,5})?$/.exec(text)?.[0].length ?? 0;
  return Math.max(tail + bearer, dashes);
}

const BEARER_WINDOW = 8;

function partOf(text: string, known: ReadonlyMap<string, string>, longest: number): number {
  for (let length = Math.min(longest - 1, text.length); length > 0; length--) {
    const end = text.slice(text.length - length);
    for (const value of known.keys()) if (value.length > length && value.startsWith(end)) return length;
  }
  return 0;
}
