import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Node, Range, YAMLError } from 'yaml';
import type * as z from 'zod';
import { messageOf } from '../../base/errors.ts';
import type { Mistake, TextRange } from './mistake.ts';
import { didYouMean, suggest } from './suggest.ts';

export type Path = readonly (string | number)[];

/** YAML that a person wrote, with the place of everything in it. */
export interface YamlText {
  readonly syntax: readonly Mistake[];
  /** Whether what it says can be read at all. Double keys can: the last of them counts. */
  readonly readable: boolean;
  valueAt(path: Path): unknown;
  /** Keys of the mapping at a path in their order, with the ranges of the keys. */
  keysAt(path: Path): readonly { readonly key: string; readonly range: TextRange }[];
  /** Of a value, or of the nearest thing around it that is there. */
  rangeAt(path: Path): TextRange;
  /** Of the key whose value it is; of an item in a list, as `rangeAt`. */
  keyRangeAt(path: Path): TextRange;
  /** The value as it is written, quotes and all, to find places within it. */
  sourceAt(path: Path): { readonly text: string; range(from: number, to: number): TextRange } | undefined;
  /** All that the schema finds wrong with the value at a path. `keys` says which a mapping below it may have. */
  check<T>(schema: z.ZodType<T>, path: Path, keys: KeysAt): Checked<T>;
}

/** The path begins at the value that is checked. */
export type KeysAt = (path: Path) => readonly string[];

export interface Checked<T> {
  /** Undefined when there are mistakes. */
  readonly data?: T;
  readonly mistakes: readonly Mistake[];
}

/** `firstLine` is the line of the file on which the YAML begins, from 0. Line ends must be `\n`. */
export function readYaml(text: string, firstLine: number): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' });
  const range = (from: number, to: number): TextRange => ({ start: place(from), end: place(to) });
  const place = (offset: number): TextRange['start'] => {
    const { line, col } = lines.linePos(offset);
    return { line: line - 1 + firstLine, character: col - 1 };
  };
  const ofNode = (node: Node | undefined): TextRange => {
    const [start, end] = shown(node) ?? [0, /^[^\n]*/.exec(text)?.[0].length ?? 0];
    return range(start, end);
  };
  /** Without the line end that a block ends with. */
  const shown = (node: Node | undefined): readonly [number, number] | undefined => {
    const at: Range | null | undefined = node?.range;
    if (!at) return undefined;
    return [at[0], at[0] + text.slice(at[0], at[1]).trimEnd().length];
  };

  const syntax: Mistake[] = document.errors.map((error) => ({
    code: error.code === 'DUPLICATE_KEY' ? 'duplicate-key' : 'yaml',
    severity: 'error',
    message: error.code === 'DUPLICATE_KEY' ? twice(text, error) : inWords(text, error),
    range:
      error.code === 'DUPLICATE_KEY' ? range(error.pos[0], wordEnd(text, error.pos[0])) : range(...error.pos),
  }));
  let value: unknown;
  let readable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
  try {
    if (readable) value = document.toJS();
  } catch (error) {
    // Aliases of aliases, which would grow without end.
    readable = false;
    syntax.push({ code: 'yaml', severity: 'error', message: messageOf(error), range: ofNode(undefined) });
  }

  const find = (path: Path): { readonly key?: Node; readonly node?: Node } | undefined => {
    let found: { readonly key?: Node; readonly node?: Node } = document.contents
      ? { node: document.contents }
      : {};
    for (const part of path) {
      const next = childOf(found.node, part);
      if (!next) return undefined;
      found = next;
    }
    return found;
  };
  const nearest = (path: Path, use: 'key' | 'value'): TextRange => {
    for (let length = path.length; length > 0; length--) {
      const found = find(path.slice(0, length));
      if (!found) continue;
      // What is missing or empty is shown at the key of what lacks it.
      const byKey = use === 'key' || length < path.length || isEmpty(found.node);
      return ofNode(byKey ? (found.key ?? found.node) : found.node);
    }
    return ofNode(path.length === 0 && use === 'value' ? (document.contents ?? undefined) : undefined);
  };

  const yaml: YamlText = {
    syntax,
    readable,
    valueAt: (path) => path.reduce<unknown>(memberOf, value),
    keysAt: (path) => {
      const node = find(path)?.node;
      return isMap<Node>(node)
        ? node.items.map(({ key }) => ({ key: keyText(key), range: ofNode(key) }))
        : [];
    },
    rangeAt: (path) => nearest(path, 'value'),
    keyRangeAt: (path) => nearest(path, 'key'),
    sourceAt: (path) => {
      const at = shown(find(path)?.node);
      return at && { text: text.slice(...at), range: (from, to) => range(at[0] + from, at[0] + to) };
    },
    check: (schema, path, keys) => {
      const parsed = schema.safeParse(yaml.valueAt(path));
      return parsed.success
        ? { data: parsed.data, mistakes: [] }
        : { mistakes: parsed.error.issues.flatMap((issue) => mistakesOf(yaml, issue, path, keys)) };
    },
  };
  return yaml;
}

function mistakesOf(yaml: YamlText, issue: z.core.$ZodIssue, at: Path, keys: KeysAt): Mistake[] {
  const below = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const path = [...at, ...below];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const replacement = suggest(key, keys(below));
      return {
        code: 'unknown-key',
        severity: 'error',
        message: `${[...path, key].join('.')}: is not known here.${didYouMean(replacement)}`,
        range: yaml.keyRangeAt([...path, key]),
        ...(replacement === undefined ? {} : { replacement }),
      };
    });
  }
  const missing = yaml.valueAt(path) === undefined && path.length > 0;
  const name = path.join('.');
  const says = yaml.sourceAt(path)?.text.startsWith('{{') ? QUOTES : issue.message;
  return [
    {
      code: missing ? 'missing-key' : 'wrong-value',
      severity: 'error',
      message: `${name === '' ? '' : `${name}: `}${missing ? 'is missing' : says}`,
      range: yaml.rangeAt(path),
    },
  ];
}

function isEmpty(node: Node | undefined): boolean {
  return !node?.range || node.range[0] === node.range[1];
}

function childOf(
  node: Node | undefined,
  part: string | number,
): { readonly key?: Node; readonly node?: Node } | undefined {
  if (isMap<Node, Node | null>(node)) {
    // The last of two that are the same is the one that counts.
    const pair = node.items.findLast(({ key }) => keyText(key) === String(part));
    return pair && { key: pair.key, ...(pair.value ? { node: pair.value } : {}) };
  }
  if (isSeq<Node>(node) && typeof part === 'number') {
    const item = node.items[part];
    return item && { node: item };
  }
  return undefined;
}

function keyText(key: Node): string {
  return isScalar(key) ? String(key.value) : key.toString();
}

function memberOf(value: unknown, part: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(value, part)?.value;
  return found;
}

function twice(text: string, { pos }: YAMLError): string {
  return `${text.slice(pos[0], wordEnd(text, pos[0]))}: stands here twice`;
}

/** The parser gives a key that stands twice no end. */
function wordEnd(text: string, start: number): number {
  return start + (/^("[^"\n]*"|'[^'\n]*'|[^\s:]+)/.exec(text.slice(start))?.[0].length ?? 1);
}

const QUOTES = 'put quotes around a text that begins with “{{”, which is a mapping in YAML';

function inWords(text: string, { pos, message }: YAMLError): string {
  const line = text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1, pos[1]);
  if (/^\s*(- )?[\w-]+:\s+\{\{/.test(line)) return QUOTES;
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
}
