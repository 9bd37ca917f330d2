import type { Json, JsonObject } from '../../../base/json.ts';
import { plainLine, plainText } from './plain-text.ts';

/** A value that a person looks into, level by level: what is not opened is not read. */
export type Inspected =
  { readonly type: 'json'; readonly value: Json; readonly summary?: string } | Group | List;

export interface Group {
  readonly type: 'group';
  readonly summary: string;
  /** Throws what reading them throws. */
  readonly members: () => readonly Member[];
}

/** Read in pages: it may hold thousands. */
export interface List {
  readonly type: 'list';
  readonly summary: string;
  readonly length: number;
  readonly slice: (start: number, count: number) => readonly Inspected[];
}

export interface Member {
  readonly name: string;
  readonly value: Inspected;
}

/** A page of what is inside of a value. */
export interface Page {
  /** `named`: members by name; `indexed`: items of a list. */
  readonly only?: 'named' | 'indexed';
  readonly start?: number;
  /** All, when absent. */
  readonly count?: number;
}

export interface Size {
  readonly named: number;
  readonly indexed: number;
}

export function json(value: Json, summary?: string): Inspected {
  return { type: 'json', value, ...(summary === undefined ? {} : { summary }) };
}

/** What is undefined is left out. A recorded value goes in by `json`, so that it is never taken for one of ours. */
export type Given = Inspected | string | number | boolean | undefined;

export function group(summary: string, members: Readonly<Record<string, Given>>): Group {
  return { type: 'group', summary, members: () => membersOf(members) };
}

export function membersOf(members: Readonly<Record<string, Given>>): Member[] {
  return Object.entries(members).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: typeof value === 'object' ? value : json(value) }],
  );
}

/** What is inside; nothing for a text or a number. Throws what reading it throws. */
export function open(value: Inspected, page: Page = {}): readonly Member[] {
  const { start = 0, count = Number.POSITIVE_INFINITY } = page;
  if (value.type === 'list') {
    if (page.only === 'named') return [];
    const size = Math.min(count, Math.max(0, value.length - start));
    return value.slice(start, size).map((item, index) => ({ name: String(start + index), value: item }));
  }
  if (value.type === 'group') return page.only === 'indexed' ? [] : value.members();
  if (isList(value.value)) {
    if (page.only === 'named') return [];
    const items = value.value.slice(start, start + count);
    return items.map((item, index) => ({ name: String(start + index), value: json(item) }));
  }
  if (!isObject(value.value) || page.only === 'indexed') return [];
  return Object.entries(value.value).flatMap(([name, member]) =>
    member === undefined ? [] : [{ name, value: json(member) }],
  );
}

/** How much is inside; a group counts as one until it is opened. */
export function sizeOf(value: Inspected): Size {
  if (value.type === 'list') return { named: 0, indexed: value.length };
  if (value.type === 'group') return { named: 1, indexed: 0 };
  if (isList(value.value)) return { named: 0, indexed: value.value.length };
  return { named: isObject(value.value) ? Object.keys(value.value).length : 0, indexed: 0 };
}

export function memberOf(value: Inspected, name: string | number): Inspected | undefined {
  if (typeof name === 'string') return open(value).find((member) => member.name === name)?.value;
  const { indexed } = sizeOf(value);
  const index = name < 0 ? indexed + name : name;
  return index < 0 ? undefined : open(value, { only: 'indexed', start: index, count: 1 })[0]?.value;
}

/** The value on one line. */
export function summaryOf(value: Inspected, limit = 200): string {
  if (value.type !== 'json') return plainLine(value.summary, limit);
  if (value.summary !== undefined) return plainLine(value.summary, limit);
  return plainLine(brief(value.value, limit, 0), limit);
}

/** The whole as text: a text as it is, anything else as JSON. Throws what reading it throws. */
export function wholeOf(value: Inspected): string {
  const whole = toJson(value);
  return typeof whole === 'string' ? whole : JSON.stringify(whole, null, 2);
}

function toJson(value: Inspected): Json {
  if (value.type === 'json') return value.value;
  if (value.type === 'list') return value.slice(0, value.length).map(toJson);
  return Object.fromEntries(value.members().map((member) => [member.name, toJson(member.value)]));
}

const SHOWN_MEMBERS = 6;
const SHOWN_ITEMS = 3;

function brief(value: Json, limit: number, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(plainText(value.slice(0, limit * 2)));
  if (value === null || typeof value !== 'object') return String(value);
  if (isList(value)) {
    if (value.length === 0) return '[]';
    if (depth > 1) return `[${value.length}]`;
    const items = value.slice(0, SHOWN_ITEMS).map((item) => brief(item, Math.min(limit, 60), depth + 1));
    return `[${items.join(', ')}${value.length > SHOWN_ITEMS ? `, … ${value.length} in all` : ''}]`;
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return '{}';
  if (depth > 1) return '{…}';
  const shown = members
    .slice(0, SHOWN_MEMBERS)
    .map(([name, member]) => `${name}: ${brief(member ?? null, Math.min(limit, 60), depth + 1)}`);
  return `{${shown.join(', ')}${members.length > SHOWN_MEMBERS ? ', …' : ''}}`;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
