import type { Json } from '../../../base/json.ts';
import { createBreakers, DEFAULT_LIMITS, usdLimit } from '../breakers.ts';
import { checkBreakers } from '../check-breakers.ts';
import { createCrew, mergeWork } from '../crew.ts';
import type { Crew } from '../crew.ts';
import { withCritic } from '../patterns/critic.ts';
import { discuss } from '../patterns/discussion.ts';
import { fanOut, partsOf } from '../patterns/fan-out.ts';
import type { RunPorts } from '../run-ports.ts';
import type { RunInput } from '../run-input.ts';
import { beginWork, remember } from '../run-work.ts';
import type { Work } from '../run-work.ts';
import { allSettled } from '../settled.ts';
import type { NodeResult } from './condition.ts';
import type { WorkflowDefinition, WorkflowNode } from './definition.ts';
import { nodeStuck } from './errors.ts';
import { createRoute } from './route.ts';
import { fillTemplate } from './texts.ts';
import type { TemplateValues } from './texts.ts';

/** Model calls are the agents' own affair: their breakers count them. */
const NO_LIMIT = Number.POSITIVE_INFINITY;

/**
 * The program of a run that a workflow leads. Nodes that may run side by side do so in a wave, each on files of its own as
 * they were when the wave began; what they changed is merged in the order of the file, whichever was done first.
 */
export async function workflowRun(
  ports: RunPorts,
  input: RunInput,
  workflow: WorkflowDefinition,
): Promise<string> {
  const { work } = await beginWork(ports, input);
  const breakers = createBreakers({
    ...DEFAULT_LIMITS,
    steps: NO_LIMIT,
    ...usdLimit(workflow.budget, input),
  });
  const route = createRoute(workflow);
  const answers = new Map<string, string>();
  for (let wave = route.ready(); wave.length > 0; wave = route.ready()) {
    checkBreakers(ports.steps, breakers, ports.timesAllowed);
    const results = await performWave(ports, input, wave, work, answers);
    for (const [id, { answer, usd }] of results) {
      answers.set(id, answer);
      breakers.subRun(usd);
    }
    const [stuck] = route.ended(results);
    if (stuck) throw nodeStuck(stuck.id, results.get(stuck.id));
  }
  const ends = route.ends().map(({ id }) => ({ id, answer: answers.get(id) ?? '' }));
  const [only] = ends;
  const answer =
    only && ends.length === 1 ? only.answer : ends.map((end) => `## ${end.id}\n\n${end.answer}`).join('\n\n');
  if (input.depth === 0) await remember(ports, workflow.name, input.task, answer, work);
  return answer;
}

interface NodeEnd extends NodeResult {
  readonly usd: number;
}

type NodeOutput = Json &
  NodeEnd & {
    readonly tree: string;
    readonly failures: readonly string[];
  };

async function performWave(
  ports: RunPorts,
  input: RunInput,
  wave: readonly WorkflowNode[],
  work: Work,
  answers: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, NodeEnd>> {
  const base = work.tree;
  const values = { task: input.task, answers };
  const outputs = await allSettled(wave.map((node) => performNode(ports, input, node, base, values)));
  const results = new Map<string, NodeEnd>();
  for (const [index, node] of wave.entries()) {
    const output = outputs[index];
    if (!output) continue;
    const { outcome, answer, usd, tree, failures } = output;
    work.failures.push(...failures);
    await mergeWork(ports, ports.steps, work, { name: node.id, base, tree, folder: false });
    results.set(node.id, { outcome, answer, usd });
  }
  return results;
}

/** Asks for its step at once, so that the nodes of a wave have the order of the file. */
function performNode(
  ports: RunPorts,
  input: RunInput,
  node: WorkflowNode,
  from: string,
  values: TemplateValues,
): Promise<NodeOutput> {
  const texts = textsOf(node, values);
  return ports.steps.group<NodeOutput>(
    {
      kind: 'node',
      name: node.id,
      effect: 'read',
      input: { node: { ...node } as unknown as Json, ...texts, from },
    },
    async (steps) => {
      const work: Work = { tree: from, changed: new Set(), failures: [] };
      const crew = createCrew(ports, input, steps, work, { folder: false, limits: limitsOf(node) });
      const end = await performTries(crew, node, texts, values);
      return { ...end, tree: work.tree, failures: work.failures };
    },
  );
}

async function performTries(
  crew: Crew,
  node: WorkflowNode,
  texts: NodeTexts,
  values: TemplateValues,
): Promise<NodeEnd> {
  let usd = 0;
  for (let retry = 0; ; retry += 1) {
    const end = await performOnce(crew, node, texts, values);
    usd += end.usd;
    if (end.outcome === 'succeeded' || retry >= node.retries) return { ...end, usd };
  }
}

async function performOnce(
  crew: Crew,
  node: WorkflowNode,
  { task, over }: NodeTexts,
  values: TemplateValues,
): Promise<NodeEnd> {
  switch (node.kind) {
    case 'agent':
      return asNode(await crew.perform({ agent: node.agent, task }));
    case 'critic':
      return asNode(await withCritic(crew, node, task));
    case 'discussion':
      return asNode(await discuss(crew, node, task));
    case 'map': {
      const parts = partsOf(over ?? '');
      const words = (item: string): string => fillTemplate(node.task, { ...values, item });
      const results = await fanOut(crew, node.agent, parts, words, node.parallel);
      return {
        // Of many parts some may fail; the node has failed when none came through.
        outcome: results.some(({ outcome }) => outcome === 'succeeded') ? 'succeeded' : 'failed',
        answer: results.map(({ answer }, index) => `### ${parts[index] ?? ''}\n\n${answer}`).join('\n\n'),
        usd: results.reduce((sum, result) => sum + result.usd, 0),
      };
    }
  }
}

function asNode(end: {
  readonly outcome: 'succeeded' | 'failed' | 'stopped';
  readonly answer: string;
  readonly usd: number;
}): NodeEnd {
  const { answer, usd } = end;
  return { outcome: end.outcome === 'succeeded' ? 'succeeded' : 'failed', answer, usd };
}

interface NodeTexts {
  readonly task: string;
  /** What a map goes over. */
  readonly over?: string;
}

/** They stand in the step's input, so that it is another step when an answer before it was another. */
function textsOf(node: WorkflowNode, values: TemplateValues): NodeTexts {
  if (node.kind !== 'map') return { task: fillTemplate(node.task, values) };
  return {
    task: fillTemplate(node.task, { ...values, item: '{{item}}' }),
    over: fillTemplate(node.over, values),
  };
}

function limitsOf({ timeLimitMs }: WorkflowNode): { readonly runMs?: number } {
  return timeLimitMs === undefined ? {} : { runMs: timeLimitMs };
}
