import {
  findNodeAtLocation,
  getNodeValue,
  parseTree,
  printParseErrorCode,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import type * as z from 'zod';

/** The first mistake of a settings file. The file's own reader puts it into words. */
export type SettingsMistake =
  | {
      readonly kind: 'syntax';
      readonly at: Place;
      /** What the parser calls it, such as `InvalidSymbol`. */
      readonly code: string;
      /** The file holds no value at all, be it a wrong one. */
      readonly empty: boolean;
    }
  | {
      readonly kind: 'content';
      /** Of the value; of the nearest one around it for a member that is missing. */
      readonly at: Place;
      /** Of the member's name where the value is a member's, else as `at`. */
      readonly nameAt: Place;
      /** Such as `routes.code.0`; empty for the file as a whole. */
      readonly path: string;
      /** The schema's words, to stand after the name of the value. */
      readonly message: string;
    };

/** Both from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** Reads JSON with comments, trailing commas and a byte order mark. Throws what `toError` makes of the first mistake. */
export function parseSettings<T>(
  text: string,
  schema: z.ZodType<T>,
  toError: (mistake: SettingsMistake) => Error,
): T {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const syntax: ParseError[] = [];
  const tree = parseTree(content, syntax, { allowTrailingComma: true });
  const broken = syntax[0];
  if (broken !== undefined || tree === undefined) {
    throw toError({
      kind: 'syntax',
      at: placeOf(content, broken?.offset ?? 0),
      code: broken === undefined ? 'ValueExpected' : printParseErrorCode(broken.error),
      empty: tree === undefined,
    });
  }
  const parsed = schema.safeParse(getNodeValue(tree));
  if (parsed.success) return parsed.data;
  const { path, message } = deepest(parsed.error.issues[0]);
  const node = nearest(tree, path);
  throw toError({
    kind: 'content',
    at: placeOf(content, node.offset),
    nameAt: placeOf(content, node.parent?.type === 'property' ? node.parent.offset : node.offset),
    path: path.join('.'),
    message,
  });
}

type Path = (string | number)[];

function deepest(issue: z.core.$ZodIssue | undefined): { readonly path: Path; readonly message: string } {
  if (issue === undefined) return { path: [], message: 'is not valid' };
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code === 'unrecognized_keys') {
    return { path: [...path, ...issue.keys.slice(0, 1)], message: 'is not known here' };
  }
  if (issue.code === 'invalid_key') return { path, message: issue.issues[0]?.message ?? issue.message };
  if (issue.code === 'invalid_union') {
    // It reports that no variant fits; the issues of an object variant say which member is wrong.
    const inner = issue.errors
      .flat()
      .find(({ path: within, code }) => within.length > 0 || code === 'unrecognized_keys');
    if (inner !== undefined) {
      const found = deepest(inner);
      return { path: [...path, ...found.path], message: found.message };
    }
  }
  return { path, message: issue.message };
}

/** A member that is missing has no place of its own: the object that lacks it has. */
function nearest(tree: Node, path: Path): Node {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node !== undefined) return node;
  }
  return tree;
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
