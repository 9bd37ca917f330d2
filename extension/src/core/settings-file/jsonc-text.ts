import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import type * as z from 'zod';
import {
  didYouMean,
  suggest,
  type Checked,
  type KeysAt,
  type Mistake,
  type Path,
} from '../definition-file/index.ts';

/** JSON with comments that a person wrote, with the place of everything in it. */
export interface JsoncText {
  /** Nothing else is known of a text that has any. */
  readonly syntax: readonly Mistake[];
  valueAt(path: Path): unknown;
  /** Names of an object's members in their order; a member that stands there twice is named twice. */
  keysAt(path: Path): readonly string[];
  /** Of the member's name, or of what is nearest where it is missing. */
  rangeAt(path: Path): Mistake['range'];
  /** All that the schema finds wrong with the value at a path. `keys` says which an object below it may have. */
  check<T>(schema: z.ZodType<T>, path: Path, keys: KeysAt): Checked<T>;
}

/** Reads comments, trailing commas and a byte order mark. */
export function readJsonc(text: string): JsoncText {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const errors: ParseError[] = [];
  const tree = parseTree(content, errors, { allowTrailingComma: true });
  const starts = lineStarts(content);
  const place = (offset: number): Mistake['range']['start'] => {
    const line = starts.findLastIndex((start) => start <= offset);
    return { line, character: offset - (starts[line] ?? 0) };
  };
  const range = (offset: number, length: number): Mistake['range'] => ({
    start: place(offset),
    end: place(offset + length),
  });
  const syntax = errors.map(({ error, offset, length }): Mistake => ({
    code: 'json',
    severity: 'error',
    message: tree
      ? `it is no JSON with comments (${printParseErrorCode(error)})`
      : content.trim() === ''
        ? 'it is empty'
        : `it is no JSON with comments (${printParseErrorCode(error)})`,
    range: range(offset, length),
  }));
  const value: unknown = tree && syntax.length === 0 ? getNodeValue(tree) : undefined;

  const rangeAt = (path: Path): Mistake['range'] => {
    const node = tree && nearest(tree, path);
    if (!node) return range(0, 0);
    const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
    return range((key ?? node).offset, (key ?? node).length);
  };
  const valueAt = (path: Path): unknown => path.reduce<unknown>(memberOf, value);
  return {
    syntax,
    valueAt,
    keysAt: (path) => {
      const node = tree && findNodeAtLocation(tree, [...path]);
      if (node?.type !== 'object') return [];
      return (node.children ?? []).flatMap(({ children }) => {
        const name: unknown = children?.[0]?.value;
        return typeof name === 'string' ? [name] : [];
      });
    },
    rangeAt,
    check: (schema, path, keys) => {
      const parsed = schema.safeParse(valueAt(path));
      if (parsed.success) return { data: parsed.data, mistakes: [] };
      const mistakes = parsed.error.issues.flatMap((issue) =>
        mistakesOf(issue).map(({ path: below, message, unknown }): Mistake => {
          const whole = [...path, ...below];
          const missing = unknown === undefined && below.length > 0 && valueAt(whole) === undefined;
          const replacement = unknown === undefined ? undefined : suggest(unknown, keys(below.slice(0, -1)));
          const says = missing ? `is missing; it ${message}` : message;
          return {
            code: missing ? 'missing-key' : unknown === undefined ? 'wrong-value' : 'unknown-key',
            severity: 'error',
            message: `${inQuotes(whole)} ${says}${sentence(didYouMean(replacement))}`,
            range: rangeAt(whole),
            ...(replacement === undefined ? {} : { replacement }),
          };
        }),
      );
      // What is missing is there under a name that was written wrong.
      const meant = mistakes.flatMap(({ replacement }) =>
        replacement === undefined ? [] : `${replacement}" `,
      );
      return {
        mistakes: mistakes.filter(
          ({ code, message }) => code !== 'missing-key' || !meant.some((name) => message.includes(name)),
        ),
      };
    },
  };
}

interface Found {
  readonly path: (string | number)[];
  readonly message: string;
  /** A member's name that is not known. */
  readonly unknown?: string;
}

function mistakesOf(issue: z.core.$ZodIssue): readonly Found[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'is not known here', unknown: key }));
  }
  if (issue.code === 'invalid_key') return [{ path, message: issue.issues[0]?.message ?? issue.message }];
  if (issue.code === 'invalid_union') {
    // It reports that no variant fits; the issues of the variant that comes nearest say which member is wrong.
    const inner = issue.errors
      .filter((issues) => issues.every((one) => one.path.length > 0 || one.code === 'unrecognized_keys'))
      .toSorted((a, b) => a.length - b.length)[0];
    if (inner)
      return inner.flatMap(mistakesOf).map((found) => ({ ...found, path: [...path, ...found.path] }));
  }
  return [{ path, message: issue.message }];
}

/** A member that is missing has no place of its own: the object that lacks it has. */
function nearest(tree: Node, path: Path): Node {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node !== undefined) return node;
  }
  return tree;
}

function memberOf(value: unknown, part: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(value, part)?.value;
  return found;
}

function lineStarts(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
}

function inQuotes(path: Path): string {
  return path.length === 0 ? 'it' : `"${path.join('.')}"`;
}

/** After a clause. */
function sentence(text: string): string {
  return text === '' ? '' : `.${text.replace(/\?$/, '')}?`;
}
