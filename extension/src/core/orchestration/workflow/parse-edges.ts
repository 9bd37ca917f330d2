import * as z from 'zod';
import {
  didYouMean,
  suggest,
  type Mistake,
  type Path,
  type TextRange,
  type YamlText,
} from '../../definition-file/index.ts';
import { readCondition } from './condition.ts';
import type { WorkflowCondition, WorkflowEdge } from './definition.ts';
import { EDGE_KEYS } from './parse-keys.ts';

/** An edge with the places that later checks speak of. */
export interface ReadEdge {
  readonly edge: WorkflowEdge;
  readonly range: TextRange;
  /** Of the name of the node in the condition. */
  readonly whenRange?: TextRange;
}

export interface ReadEdges {
  readonly edges: readonly ReadEdge[];
  readonly mistakes: readonly Mistake[];
}

const limit = 'must be a whole number from 1 to 100';
const form = z.strictObject({
  from: z.string('must be the name of a node'),
  to: z.string('must be the name of a node'),
  when: z.string('must be a condition such as: review.answer contains "APPROVED"').optional(),
  limit: z.number(limit).int(limit).min(1, limit).max(100, limit).optional(),
});

/** `ids` are the nodes that there are. */
export function readEdges(yaml: YamlText, ids: readonly string[]): ReadEdges {
  const given = yaml.valueAt(['edges']);
  const edges: ReadEdge[] = [];
  const mistakes: Mistake[] = [];
  const elses: { readonly at: number; readonly path: Path }[] = [];
  const items: readonly unknown[] = Array.isArray(given) ? given : [];
  for (const [index, item] of items.entries()) {
    const path = ['edges', index];
    const read = typeof item === 'string' ? readChain(yaml, path, item, ids) : readForm(yaml, path, ids);
    mistakes.push(...read.mistakes);
    if (read.isElse) elses.push({ at: edges.length, path: [...path, 'when'] });
    edges.push(...read.edges);
  }
  for (const { at, path } of elses) {
    const edge = edges[at];
    if (!edge) continue;
    const others = edges.filter((one) => one !== edge && one.edge.from === edge.edge.from && one.edge.when);
    const [other] = others;
    if (other?.edge.when && others.length === 1) {
      edges[at] = { ...edge, edge: { ...edge.edge, when: opposite(other.edge.when) } };
    } else {
      const message =
        '“else” is the opposite of the one other condition of its node, and there must be exactly one';
      mistakes.push({
        code: 'else',
        severity: 'error',
        message: `when: ${message}`,
        range: yaml.rangeAt(path),
      });
    }
  }
  return { edges, mistakes };
}

export function opposite(condition: WorkflowCondition): WorkflowCondition {
  return { ...condition, negated: !condition.negated };
}

interface ReadItem extends ReadEdges {
  readonly isElse?: boolean;
}

/** `a -> b -> c` */
function readChain(yaml: YamlText, path: Path, item: string, ids: readonly string[]): ReadItem {
  const names = item.split('->').map((name) => name.trim());
  const range = yaml.rangeAt(path);
  if (names.length < 2 || names.some((name) => name === '')) {
    const message = 'edges: must be such as “a -> b”, or { from: a, to: b }';
    return { edges: [], mistakes: [{ code: 'edge-form', severity: 'error', message, range }] };
  }
  const source = yaml.sourceAt(path);
  let after = 0;
  const mistakes = names.flatMap((name) => {
    const found = source?.text.indexOf(name, after) ?? -1;
    after = found + name.length;
    return checkNode(name, source && found >= 0 ? source.range(found, after) : range, ids);
  });
  if (mistakes.length > 0) return { edges: [], mistakes };
  const edges = names.slice(1).map((to, index) => ({ edge: { from: names[index] ?? to, to }, range }));
  return { edges, mistakes };
}

function readForm(yaml: YamlText, path: Path, ids: readonly string[]): ReadItem {
  const { data, mistakes } = yaml.check(form, path, () => Object.keys(EDGE_KEYS));
  if (!data) return { edges: [], mistakes };
  const { from, to, when, limit: most } = data;
  const ends = [
    ...checkNode(from, yaml.rangeAt([...path, 'from']), ids),
    ...checkNode(to, yaml.rangeAt([...path, 'to']), ids),
  ];
  const isElse = when?.trim() === 'else';
  const read = when === undefined || isElse ? undefined : readWhen(yaml, [...path, 'when'], when, ids);
  const all = [...ends, ...(read?.mistakes ?? [])];
  if (all.length > 0) return { edges: [], mistakes: all };
  const edge = {
    from,
    to,
    ...(read?.condition ? { when: read.condition } : {}),
    ...(most === undefined ? {} : { limit: most }),
  };
  const whenRange = read ? { whenRange: read.range } : {};
  return { edges: [{ edge, range: yaml.rangeAt(path), ...whenRange }], mistakes: [], isElse };
}

interface ReadWhen {
  readonly condition?: WorkflowCondition;
  readonly range: TextRange;
  readonly mistakes: readonly Mistake[];
}

function readWhen(yaml: YamlText, path: Path, when: string, ids: readonly string[]): ReadWhen {
  const source = yaml.sourceAt(path);
  const place = (word: string): TextRange => {
    const found = source?.text.indexOf(word) ?? -1;
    return source && found >= 0 ? source.range(found, found + word.length) : yaml.rangeAt(path);
  };
  const read = readCondition(when);
  if (!read.ok) {
    const replacement = suggest(read.word, read.expected);
    const message = `when: ${read.problem}.${didYouMean(replacement)}`;
    const range = place(read.word);
    const fix = replacement === undefined ? {} : { replacement };
    return { range, mistakes: [{ code: 'condition', severity: 'error', message, range, ...fix }] };
  }
  const { condition } = read;
  // The node's name alone may also be a part of the word “not”.
  const { start } = place(`${condition.node}.${condition.field}`);
  const range = { start, end: { ...start, character: start.character + condition.node.length } };
  return { condition, range, mistakes: checkNode(condition.node, range, ids) };
}

function checkNode(name: string, range: TextRange, ids: readonly string[]): Mistake[] {
  if (ids.includes(name)) return [];
  const replacement = suggest(name, ids);
  const message = `there is no node “${name}”.${didYouMean(replacement)}`;
  return [
    {
      code: 'unknown-node',
      severity: 'error',
      message,
      range,
      ...(replacement === undefined ? {} : { replacement }),
    },
  ];
}
