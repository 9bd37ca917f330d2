import { notAnExpression, nothingThere } from './errors.ts';
import { memberOf, open, summaryOf, wholeOf } from './inspected.ts';
import type { Inspected } from './inspected.ts';

/** What a path begins with. */
export interface Roots {
  readonly names: readonly string[];
  /** Throws what reading it throws. */
  readonly get: (name: string) => Inspected | undefined;
}

type Key = string | number;

/** The value at a path such as `messages[-1].content[0].text`. Throws `expression-invalid` and `expression-empty`. */
export function evaluate(text: string, roots: Roots): Inspected {
  const [first, ...rest] = parsePath(text);
  let path = String(first);
  let value = roots.get(path);
  if (!value) throw nothingThere(path, roots.names);
  for (const key of rest) {
    const found = memberOf(value, key);
    path = join(path, key);
    if (!found) throw nothingThere(path, namesIn(value).slice(0, NAMED));
    value = found;
  }
  return value;
}

/** The paths that begin like this one, for whoever is typing it. */
export function complete(text: string, roots: Roots): readonly string[] {
  const [, before = '', begun = ''] = /^(.*?)([\w$]*)$/s.exec(text) ?? [];
  const path = before.replace(/\.$/, '');
  const value = path === '' ? undefined : lookUp(path, roots);
  const names = path === '' ? roots.names : value ? namesIn(value) : [];
  return names.filter((name) => name.startsWith(begun) && WORD.test(name));
}

/** A path with one more key: what `evaluate` finds the member by. */
export function join(path: string, key: Key): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!WORD.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

export type Condition = (roots: Roots) => boolean;

/**
 * Comparisons joined by `&&`: `cost > 0.01 && name == "files_edit"`, `result contains "404"`; a path alone holds when
 * there is something there that is not false. What is not there compares as false. Throws `expression-invalid`.
 */
export function parseCondition(text: string): Condition {
  const tests = splitOutsideQuotes(text).map((part) => parseComparison(part.trim()));
  return (roots) => tests.every((test) => test(roots));
}

/** The text with each `{path}` replaced by what it is; what cannot be found stays in its braces. */
export function interpolate(text: string, roots: Roots): string {
  return text.replace(/\{([^{}]+)\}/g, (whole, path: string) => {
    const value = lookUp(path, roots);
    return value
      ? value.type === 'json' && typeof value.value === 'string'
        ? value.value
        : summaryOf(value)
      : whole;
  });
}

const NAMED = 12;

function namesIn(value: Inspected): string[] {
  return open(value, { only: 'named' }).map(({ name }) => name);
}

const WORD = /^[A-Za-z_$][\w$]*$/;
const TOKEN = /\s*(?:\.?([A-Za-z_$][\w$-]*)|\[\s*(-?\d+)\s*\]|\[\s*("(?:[^"\\]|\\.)*")\s*\])/y;

function parsePath(text: string): Key[] {
  const keys: Key[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const [, word, index, quoted] = TOKEN.exec(text) ?? [];
    if (word !== undefined) keys.push(word);
    else if (index !== undefined) keys.push(Number(index));
    else if (quoted !== undefined) keys.push(unquoted(quoted, text));
    else throw notAnExpression(text, `"${text.slice(at).trim()}" is no part of a path`);
  }
  if (typeof keys[0] !== 'string') throw notAnExpression(text, 'it does not begin with a name');
  return keys;
}

const COMPARISON = /^(.*?)\s*(==|!=|>=|<=|>|<|\bcontains\b)\s*(.+)$/s;

function parseComparison(text: string): Condition {
  const [, left, operator, right] = COMPARISON.exec(text) ?? [];
  if (left === undefined || operator === undefined || right === undefined) {
    parsePath(text);
    return (roots) => isThere(lookUp(text, roots));
  }
  parsePath(left);
  const expected = literal(right.trim(), text);
  return (roots) => {
    const value = lookUp(left, roots);
    return value !== undefined && compare(value, operator, expected);
  };
}

function compare(value: Inspected, operator: string, expected: string | number | boolean): boolean {
  if (operator === 'contains') return wholeOf(value).includes(String(expected));
  const actual = value.type === 'json' ? value.value : undefined;
  if (operator === '==') return actual === expected;
  if (operator === '!=') return actual !== expected;
  if (typeof actual !== 'number' || typeof expected !== 'number') return false;
  if (operator === '>') return actual > expected;
  if (operator === '<') return actual < expected;
  return operator === '>=' ? actual >= expected : actual <= expected;
}

function literal(text: string, whole: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (/^"(?:[^"\\]|\\.)*"$/s.test(text)) return unquoted(text, whole);
  if (/^'[^']*'$/s.test(text)) return text.slice(1, -1);
  throw notAnExpression(whole, `${text} is no number, no text in quotes, and neither true nor false`);
}

function unquoted(quoted: string, whole: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw notAnExpression(whole, `${quoted} is no text in quotes`);
  }
}

function isThere(value: Inspected | undefined): boolean {
  return value !== undefined && !(value.type === 'json' && (value.value === false || value.value === null));
}

function lookUp(path: string, roots: Roots): Inspected | undefined {
  try {
    return evaluate(path, roots);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'expression-empty') return undefined;
    throw error;
  }
}

function splitOutsideQuotes(text: string): string[] {
  const parts = [''];
  for (const piece of text.split(/("(?:[^"\\]|\\.)*"|'[^']*')/)) {
    const [first = '', ...rest] = /^["']/.test(piece) ? [piece] : piece.split('&&');
    parts.push(`${parts.pop() ?? ''}${first}`, ...rest);
  }
  return parts;
}
