import type { Node } from 'web-tree-sitter';
import type { Definition, Outline } from '../../core/memory/index.ts';
import type { Grammar } from './grammars.ts';
import { heldBy } from './script-naming.ts';

/**
 * The definitions of a parsed file with the comments and attributes above them. Bodies are looked into only where
 * something may be cut, so the cost follows the number of definitions and not the size of the tree. Undefined when so
 * much of it is broken that line shapes say more.
 */
export function outlineOf(root: Node, grammar: Grammar): Outline | undefined {
  const found: Found = { grammar, breaks: new Map(), broken: 0 };
  const definitions = collect(root, found, 0);
  const lines = root.endPosition.row + 1;
  return found.broken > lines * MOST_BROKEN ? undefined : { definitions, breaks: found.breaks };
}

interface Found {
  readonly grammar: Grammar;
  readonly breaks: Map<number, number>;
  /** Lines in which the parser found no sense. */
  broken: number;
}

function collect(parent: Node, found: Found, depth: number): Definition[] {
  const definitions: Definition[] = [];
  if (depth > DEEPEST) return definitions;
  const marksBreaks = isLong(parent);
  let lead: Lead | undefined;
  let last = -1;
  for (const node of parent.namedChildren) {
    const [start, end] = [node.startPosition.row, endRow(node)];
    if (LEADING.has(node.type)) {
      // One that ends a line of code says something of that line.
      lead =
        start === last
          ? undefined
          : { start: reaches(lead, start) ? lead.start : start, end, block: isBlock(node) };
      last = end;
      continue;
    }
    const from = reaches(lead, start) ? lead.start : start;
    lead = undefined;
    last = end;
    if (node.type === 'ERROR') found.broken += end - start + 1;
    if (marksBreaks && !found.breaks.has(from)) found.breaks.set(from, depth);
    for (const one of definitionsIn(node, from, end + 1, found, depth + 1)) addTo(definitions, one);
  }
  return definitions;
}

/** Overloads, and a getter with its setter, are one definition: the first has the comment and the last the code. */
function addTo(definitions: Definition[], one: Definition): void {
  const last = definitions.at(-1);
  const isMore =
    last?.name !== undefined &&
    last.name === one.name &&
    last.inner.length === 0 &&
    one.inner.length === 0 &&
    one.start - last.end <= 1 &&
    one.end - last.start <= LONG_LINES;
  if (isMore) definitions[definitions.length - 1] = { ...one, start: last.start };
  else definitions.push(one);
}

function definitionsIn(node: Node, start: number, end: number, found: Found, depth: number): Definition[] {
  const { definitions, wrappers, groups } = found.grammar;
  if (wrappers.has(node.type)) {
    const inner = collect(node, found, depth);
    const [only] = inner;
    return inner.length === 1 && only !== undefined ? [{ ...only, start, end }] : inner;
  }
  const name = definitions.get(node.type)?.(node);
  if (name !== undefined) return [{ start, end, name, inner: innerOf(node, end - start, found, depth) }];
  if (groups.has(node.type) || isLong(node)) return collect(node, found, depth);
  return [];
}

/** The members of a class or its like, and what is defined inside of anything that is too long for one piece. */
function innerOf(node: Node, lines: number, found: Found, depth: number): Definition[] {
  const held = heldBy(node);
  const isContainer = found.grammar.containers.has(node.type) || held !== undefined;
  if (!isLong(node) && !(isContainer && lines > FEW_LINES)) return [];
  return collect(held ?? node.childForFieldName('body') ?? node, found, depth);
}

/** Comments and the like that may belong to what comes next. */
interface Lead {
  readonly start: number;
  readonly end: number;
  readonly block: boolean;
}

/** Some styles put a blank line between a block comment and what it is about. */
function reaches(lead: Lead | undefined, start: number): lead is Lead {
  return lead !== undefined && start - lead.end <= (lead.block ? 2 : 1);
}

/** Some grammars count the line break into a comment. */
function endRow(node: Node): number {
  const { row, column } = node.endPosition;
  return column === 0 && row > node.startPosition.row ? row - 1 : row;
}

function isBlock(node: Node): boolean {
  return node.text.startsWith('/*');
}

function isLong(node: Node): boolean {
  return (
    node.endPosition.row - node.startPosition.row >= LONG_LINES ||
    node.endIndex - node.startIndex > LONG_CHARACTERS
  );
}

/** What is longer does not fit into one piece. */
const LONG_LINES = 80;
const LONG_CHARACTERS = 4_000;
/** What is shorter is one piece, members and all (`WHOLE_LINES` of the outline): a look inside would be for nothing. */
const FEW_LINES = 40;
/** Deeper nesting is data; each level costs a pass over its nodes. */
const DEEPEST = 24;
const MOST_BROKEN = 0.3;
const LEADING = new Set([
  'comment',
  'line_comment',
  'block_comment',
  'attribute_item',
  'attribute_list',
  'decorator',
  'annotation',
]);
