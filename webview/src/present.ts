import type { Json, JsonObject } from '../../extension/src/base/json.ts';
import { isMessage } from '../../extension/src/protocol/conversation.ts';
import { formatCost } from '../../extension/src/protocol/format.ts';
import type { Message } from '../../extension/src/protocol/message.ts';

/** A part of a payload in the form in which a person reads it best. */
export type Section =
  | { readonly kind: 'messages'; readonly messages: readonly Message[] }
  | {
      readonly kind: 'text';
      readonly title: string;
      readonly text: string;
      /** Written to be read, by a person or a model, as Markdown. */
      readonly prose?: true;
    }
  /** A text before and after. */
  | { readonly kind: 'change'; readonly title: string; readonly before: string; readonly after: string }
  | { readonly kind: 'images'; readonly title: string; readonly images: readonly Picture[] }
  | {
      readonly kind: 'fields';
      readonly title: string;
      readonly fields: readonly Field[];
    }
  | {
      readonly kind: 'tools';
      readonly tools: readonly { readonly name: string; readonly description: string }[];
    }
  | { readonly kind: 'passages'; readonly title: string; readonly passages: readonly Passage[] }
  | { readonly kind: 'json'; readonly title: string; readonly value: Json };

/** Name and value, and the whole of a value of which only a part is shown. */
export type Field = readonly [name: string, value: string, whole?: string];

/** All but messages, which may hold such sections themselves. */
export type PlainSection = Exclude<Section, { kind: 'messages' }>;

export interface Picture {
  readonly mimeType: string;
  /** Base64. */
  readonly data: string;
}

export interface Passage {
  readonly place: string;
  /** Of the file that it is from. */
  readonly path?: string;
  readonly text: string;
}

/** Texts up to this length, in one line, stand in a table rather than in a block of their own. */
const SHORT = 120;

/** Goes by the shape of the value, not by the kind of its step: what is not recognised is shown as JSON. */
export function present(value: Json): readonly Section[] {
  if (value === null || value === '') return [];
  if (isMessage(value)) return [{ kind: 'messages', messages: [value] }];
  if (typeof value === 'string') return [{ kind: 'text', title: '', text: value, prose: true }];
  if (!isObject(value)) return presentMember('', value);
  const short: Field[] = [];
  const sections: Section[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    // That nothing went wrong goes without saying.
    if (name === 'isError' && member === false) continue;
    // Nobody knows whether nothing was paid or nothing is known; the overview says it.
    if (name === 'usd' && member === 0) continue;
    const line = asLine(member);
    const own = knownField(name, member);
    if (own) short.push(own);
    else if (line === undefined) sections.push(...presentMember(name, member));
    else short.push([titleOf(name), line]);
  }
  return short.length > 0 ? [{ kind: 'fields', title: '', fields: short }, ...sections] : sections;
}

/** What steps of ours name alike: dollars, and states of all files, which git knows by a long number. */
function knownField(name: string, value: Json): Field | undefined {
  if (name === 'usd' && typeof value === 'number')
    return ['Cost', formatCost({ kind: 'priced', usd: value })];
  if (typeof value !== 'string' || !TREE.test(value)) return undefined;
  return [name === 'tree' ? 'Files' : titleOf(name), `snapshot ${value.slice(0, 12)}`, value];
}

const TREE = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** An object with short values as rows of a table, its long ones as blocks: the arguments of a tool call. */
export function presentArguments(title: string, value: JsonObject): readonly PlainSection[] {
  const fields: [string, string][] = [];
  const blocks: PlainSection[] = [];
  const change = changeIn(value);
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || change?.names.includes(name)) continue;
    const line = asLine(member);
    if (line !== undefined) fields.push([name, line]);
    else if (typeof member === 'string') blocks.push({ kind: 'text', title: name, text: member });
    else blocks.push({ kind: 'json', title: name, value: member });
  }
  if (change) blocks.push({ kind: 'change', title: 'Change', before: change.before, after: change.after });
  return fields.length > 0 ? [{ kind: 'fields', title, fields }, ...blocks] : blocks;
}

/** Names under which editing tools take a text and what shall stand in its place. */
const CHANGES = [
  ['oldText', 'newText'],
  ['old_text', 'new_text'],
  ['old_string', 'new_string'],
  ['old_str', 'new_str'],
] as const;

function changeIn(
  value: JsonObject,
): { readonly names: readonly string[]; readonly before: string; readonly after: string } | undefined {
  for (const names of CHANGES) {
    const [before, after] = [value[names[0]], value[names[1]]];
    if (typeof before === 'string' && typeof after === 'string') return { names, before, after };
  }
  return undefined;
}

function presentMember(name: string, value: Json): readonly Section[] {
  const title = titleOf(name);
  if (typeof value === 'string')
    return [{ kind: 'text', title, text: value, ...(name === 'answer' ? { prose: true } : {}) }];
  if (isMessage(value)) return [{ kind: 'messages', messages: [value] }];
  if (isList(value) && value.length > 0) {
    if (value.every(isMessage)) return [{ kind: 'messages', messages: value as unknown as Message[] }];
    const text = contentText(value);
    if (text !== undefined) {
      const images = value.flatMap(imageOf);
      return [
        ...(text === '' && images.length > 0 ? [] : [{ kind: 'text', title, text } as const]),
        ...(images.length > 0 ? [{ kind: 'images', title: 'Images', images } as const] : []),
      ];
    }
    const tools = value.map(asTool);
    if (tools.every((tool) => tool !== undefined)) return [{ kind: 'tools', tools }];
    const conflicts = value.map(asConflict);
    if (conflicts.every((conflict) => conflict !== undefined))
      return [{ kind: 'fields', title, fields: conflicts }];
    const passages = value.map(asPassage);
    if (passages.every((passage) => passage !== undefined)) return [{ kind: 'passages', title, passages }];
    if (value.every((item) => typeof item === 'string'))
      return [{ kind: 'text', title, text: value.join('\n') }];
  }
  if (name === 'arguments' && isObject(value)) {
    const sections = presentArguments(title, value);
    if (sections.length > 0) return sections;
  }
  return [{ kind: 'json', title, value }];
}

/** The texts of a message's or a tool result's content; undefined when it is something else. */
function contentText(content: readonly Json[]): string | undefined {
  const texts: string[] = [];
  for (const part of content) {
    if (!isObject(part)) return undefined;
    const { type, text } = part;
    if (type === 'text' && typeof text === 'string') texts.push(text);
    else if (imageOf(part).length === 0) return undefined;
  }
  return texts.join('\n');
}

function imageOf(part: Json): readonly Picture[] {
  if (!isObject(part)) return [];
  const { type, mimeType, data } = part;
  return type === 'image' && typeof mimeType === 'string' && typeof data === 'string'
    ? [{ mimeType, data }]
    : [];
}

function asTool(value: Json): { readonly name: string; readonly description: string } | undefined {
  if (!isObject(value)) return undefined;
  const { name, description } = value;
  if (typeof name !== 'string' || typeof description !== 'string') return undefined;
  return { name, description };
}

/** A file that could not be merged, and why. */
function asConflict(value: Json): readonly [string, string] | undefined {
  if (!isObject(value)) return undefined;
  const { path, reason } = value;
  return typeof path === 'string' && typeof reason === 'string' ? [path, reason] : undefined;
}

/** Why it was recalled, to follow what it is. */
function reasonWords(why: Json | undefined): string {
  if (why === undefined || !isObject(why)) return '';
  const shared = why['words'] ?? [];
  const words = isList(shared) ? shared.filter((word) => typeof word === 'string') : [];
  const parts = [
    ...(why['pinned'] === true ? ['pinned'] : []),
    ...(typeof why['verdict'] === 'string' ? [why['verdict']] : []),
    ...(words.length === 0 ? [] : [`shares ${words.join(', ')}`]),
  ];
  return parts.map((part) => ` · ${part}`).join('');
}

/** A hit of a search, a note, or a remembered run. */
function asPassage(value: Json): Passage | undefined {
  if (!isObject(value)) return undefined;
  const { path, startLine, endLine, symbol, text, task, answer, outcome, kind, correction } = value;
  if (typeof path === 'string' && typeof text === 'string') {
    const lines =
      typeof startLine === 'number'
        ? `:${String(startLine)}–${String(typeof endLine === 'number' ? endLine : startLine)}`
        : '';
    return { place: `${path}${lines}${typeof symbol === 'string' ? ` · ${symbol}` : ''}`, path, text };
  }
  const why = reasonWords(value['why']);
  if (kind === 'note' && typeof text === 'string') return { place: `Note${why}`, text };
  if (typeof task === 'string' && typeof answer === 'string') {
    const said = typeof correction === 'string' ? `The person said: ${correction}\n` : '';
    return {
      place: `${task}${typeof outcome === 'string' ? ` · ${outcome}` : ''}${why}`,
      text: `${said}${answer}`,
    };
  }
  return undefined;
}

function asLine(value: Json): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null) return 'none';
  if (typeof value === 'string' && value.length <= SHORT && !value.includes('\n')) return value;
  if (isList(value) && value.length === 0) return 'none';
  return undefined;
}

/** `exitCode` → `Exit code`. */
function titleOf(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/_/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
