import * as z from 'zod';
import {
  hasErrors,
  readYaml,
  type Mistake,
  type TextRange,
  type YamlText,
} from '../../definition-file/index.ts';
import { normalise } from '../front-matter.ts';
import { checkGraph } from './check-graph.ts';
import { checkTexts } from './check-texts.ts';
import type { WorkflowDefinition, WorkflowEdge } from './definition.ts';
import { readEdges, type ReadEdges } from './parse-edges.ts';
import { WORKFLOW_KEYS } from './parse-keys.ts';
import { readNodes, type NamedAgent, type ReadNodes } from './parse-nodes.ts';

/** A `*.workflow.yaml` as far as it can be read by itself; `checkWorkflows` says what is wrong between the files. */
export interface WorkflowFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly name: string;
  readonly nameRange: TextRange;
  /** Undefined when the file has an error. */
  readonly workflow?: WorkflowDefinition;
  readonly mistakes: readonly Mistake[];
  readonly agents: readonly NamedAgent[];
}

const text = z.string('must be a text');
const dollars = 'must be a number of dollars above 0';

const schema = z.strictObject(
  {
    name: text.regex(/^[A-Za-z][\w-]*$/, 'must be one word of letters, digits, _ and -').optional(),
    description: text.optional(),
    budget: z.number(dollars).positive(dollars).optional(),
    nodes: z
      .record(z.string(), z.unknown(), 'must be nodes such as “plan: { agent: planner }”')
      .refine((nodes) => Object.keys(nodes).length > 0, 'there is no node to start with'),
    edges: z.array(z.unknown(), 'must be a list of edges such as “- a -> b”').optional(),
  },
  'a workflow must be lines of “key: value”, with “nodes:” among them',
);

/** Reads a workflow file and finds all its mistakes. `path` is relative to the workspace and gives the default name. */
export function parseWorkflowFile(path: string, content: string): WorkflowFile {
  const yaml = readYaml(normalise(content), 0);
  const stem = /([^/]+?)(\.workflow)?\.ya?ml$/.exec(path)?.[1] ?? path;
  const named = yaml.valueAt(['name']);
  const file = {
    path,
    name: typeof named === 'string' && named !== '' ? named : stem,
    nameRange: named === undefined ? yaml.keyRangeAt([]) : yaml.rangeAt(['name']),
  };
  if (!yaml.readable) return { ...file, mistakes: yaml.syntax, agents: [] };
  const top = yaml.check(schema, [], () => Object.keys(WORKFLOW_KEYS));
  const read = readNodes(yaml);
  const edges = readEdges(yaml, read.ids);
  const flow = flowOf(yaml, read, edges);
  const own = [...yaml.syntax, ...top.mistakes, ...read.mistakes, ...edges.mistakes];
  // With a node or an edge missing, what is said of the whole would be about another workflow.
  const mistakes = [
    ...own,
    ...(hasErrors([...read.mistakes, ...edges.mistakes]) || edges.edges.length === 0
      ? []
      : checkGraph(read.nodes, edges.edges)),
    ...(hasErrors(edges.mistakes) ? [] : checkTexts(yaml, read.nodes, read.ids, flow)),
  ];
  return {
    ...file,
    mistakes,
    agents: read.nodes.flatMap(({ agents }) => agents),
    ...(top.data && !hasErrors(mistakes)
      ? {
          workflow: {
            name: file.name,
            description: top.data.description ?? '',
            nodes: read.nodes.map(({ node }) => node),
            edges: flow,
            ...(top.data.budget === undefined ? {} : { budget: top.data.budget }),
          },
        }
      : {}),
  };
}

/** Without edges the nodes run in the order of the file. */
function flowOf(yaml: YamlText, { ids }: ReadNodes, { edges }: ReadEdges): readonly WorkflowEdge[] {
  const given = yaml.valueAt(['edges']);
  if (Array.isArray(given) && given.length > 0) return edges.map(({ edge }) => edge);
  return ids.slice(1).map((to, index) => ({ from: ids[index] ?? to, to }));
}
