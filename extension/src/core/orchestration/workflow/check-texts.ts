import { didYouMean, suggest, type Mistake, type Path, type YamlText } from '../../definition-file/index.ts';
import { nodesAfter } from './check-graph.ts';
import type { WorkflowEdge } from './definition.ts';
import { isBareOver, TEMPLATE, type ReadNode } from './parse-nodes.ts';

/** What is wrong with the `{{…}}` in the texts of the nodes. */
export function checkTexts(
  yaml: YamlText,
  nodes: readonly ReadNode[],
  ids: readonly string[],
  edges: readonly WorkflowEdge[],
): Mistake[] {
  return nodes.flatMap(({ node, texts }) => {
    const before = ids.filter((id) => nodesAfter(id, edges).has(node.id));
    return texts.flatMap((path) => {
      const mayItem = node.kind === 'map' && path.at(-1) === 'task';
      return placesIn(yaml, path).flatMap((place) => checkPlace(place, { path, mayItem, ids, before }));
    });
  });
}

interface Place {
  readonly name: string;
  readonly range: Mistake['range'];
}

function placesIn(yaml: YamlText, path: Path): Place[] {
  const source = yaml.sourceAt(path);
  if (!source) return [];
  const value = yaml.valueAt(path);
  if (path.at(-1) === 'over' && typeof value === 'string' && isBareOver(value)) {
    return [{ name: value.trim(), range: yaml.rangeAt(path) }];
  }
  return [...source.text.matchAll(TEMPLATE)].map(({ 0: all, 1: name = '', index }) => {
    const start = index + (name === '' ? 0 : all.indexOf(name));
    return { name, range: source.range(start, start + (name === '' ? all.length : name.length)) };
  });
}

function checkPlace(
  { name, range }: Place,
  where: {
    readonly path: Path;
    readonly mayItem: boolean;
    readonly ids: readonly string[];
    readonly before: readonly string[];
  },
): Mistake[] {
  const says = (code: string, problem: string, replacement?: string): Mistake[] => [
    {
      code,
      severity: 'error',
      message: `${where.path.join('.')}: ${problem}${didYouMean(replacement)}`,
      range,
      ...(replacement === undefined ? {} : { replacement }),
    },
  ];
  if (name === 'task') return [];
  if (name === 'item')
    return where.mayItem ? [] : says('item-outside', '{{item}} is known in the task of a map only.');
  const [, id = '', field] = /^([^.]*)(?:\.(.*))?$/.exec(name) ?? [];
  if (!where.ids.includes(id) || field !== 'answer') {
    const known = ['task', ...(where.mayItem ? ['item'] : []), ...where.before.map((one) => `${one}.answer`)];
    const replacement = where.ids.includes(id) ? `${id}.answer` : suggest(name, known);
    return says('unknown-template', `{{${name}}} is not known here.`, replacement);
  }
  return where.before.includes(id) ? [] : says('not-yet-run', `“${id}” cannot have run before this node.`);
}
