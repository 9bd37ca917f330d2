import * as z from 'zod';
import {
  hasErrors,
  type Mistake,
  type Path,
  type TextRange,
  type YamlText,
} from '../../definition-file/index.ts';
import type { WorkflowNode } from './definition.ts';
import { parseDuration } from './duration.ts';
import { DEFAULT_PARALLEL, DEFAULT_ROUNDS, FORM_KEYS, NODE_KEYS } from './parse-keys.ts';

export const NODE_ID = /^[A-Za-z][\w-]*$/;
const RESERVED = ['task', 'item', 'else', 'not'];

/** A node with the places that later checks speak of. */
export interface ReadNode {
  readonly node: WorkflowNode;
  readonly idRange: TextRange;
  readonly agents: readonly NamedAgent[];
  /** Paths of the texts that may hold `{{…}}`. */
  readonly texts: readonly Path[];
}

export interface NamedAgent {
  readonly name: string;
  readonly range: TextRange;
}

export interface ReadNodes {
  readonly nodes: readonly ReadNode[];
  /** All that are there, with those that have mistakes. */
  readonly ids: readonly string[];
  readonly mistakes: readonly Mistake[];
}

const text = z.string('must be a text').min(1, 'must not be empty');
const agentName = z.string('must be the name of an agent').min(1, 'must be the name of an agent');
const whole = (from: number, to: number): z.ZodNumber => {
  const says = `must be a whole number from ${from} to ${to}`;
  return z.number(says).int(says).min(from, says).max(to, says);
};

const base = {
  retries: whole(0, 10).optional(),
  timeLimit: z
    .string('must be a time such as 90s, 10m or 1h30m')
    .refine((given) => parseDuration(given) !== undefined, 'must be a time such as 90s, 10m or 1h30m')
    .optional(),
};
const shape = 'must be lines of “key: value”';

const forms = {
  agent: z.strictObject({ ...base, agent: agentName, task: text.optional() }, shape),
  map: z.strictObject({
    ...base,
    map: z.strictObject(
      { over: text, agent: agentName, task: text.optional(), parallel: whole(1, 16).optional() },
      shape,
    ),
  }),
  critic: z.strictObject({
    ...base,
    critic: z.strictObject(
      { author: agentName, critic: agentName, task: text.optional(), rounds: whole(1, 20).optional() },
      shape,
    ),
  }),
  discussion: z.strictObject({
    ...base,
    discussion: z.strictObject(
      {
        chair: agentName,
        members: z.array(agentName, 'must be a list such as [a, b]').min(1, 'must name an agent'),
        task: text.optional(),
        rounds: whole(1, 20).optional(),
      },
      shape,
    ),
  }),
};

type Form = keyof typeof forms;
const FORMS: readonly Form[] = ['agent', 'map', 'critic', 'discussion'];

export function readNodes(yaml: YamlText): ReadNodes {
  const mistakes: Mistake[] = [];
  const nodes: ReadNode[] = [];
  const keys = yaml.keysAt(['nodes']);
  for (const { key: id, range } of keys) {
    mistakes.push(...checkId(id, range));
    const form = formOf(yaml, id);
    if (typeof form !== 'string') {
      mistakes.push(form);
      continue;
    }
    const read = readNode(yaml, id, form);
    mistakes.push(...read.mistakes);
    if (read.node && !hasErrors(read.mistakes)) {
      const agents = agentPaths(read.node).map((at) => ({
        name: String(yaml.valueAt(at)),
        range: yaml.rangeAt(at),
      }));
      nodes.push({ node: read.node, idRange: range, agents, texts: textPaths(id, form) });
    }
  }
  return { nodes, ids: keys.map(({ key }) => key), mistakes };
}

function checkId(id: string, range: TextRange): Mistake[] {
  const problem = !NODE_ID.test(id)
    ? 'must be one word of letters, digits, _ and -'
    : RESERVED.includes(id)
      ? 'has a meaning of its own; choose another name'
      : undefined;
  return problem === undefined
    ? []
    : [{ code: 'node-name', severity: 'error', message: `nodes.${id}: ${problem}`, range }];
}

function formOf(yaml: YamlText, id: string): Form | Mistake {
  const keys = yaml.keysAt(['nodes', id]).map(({ key }) => key);
  const named = FORMS.filter((form) => keys.includes(form));
  const [form, another] = named;
  if (form !== undefined && another === undefined) return form;
  const problem =
    form === undefined
      ? 'must have one of agent, map, critic and discussion'
      : `can be ${named.join(' or ')}, not both`;
  return {
    code: 'node-form',
    severity: 'error',
    message: `nodes.${id}: ${problem}`,
    range: yaml.keyRangeAt(['nodes', id]),
  };
}

function readNode(
  yaml: YamlText,
  id: string,
  form: Form,
): { readonly node?: WorkflowNode; readonly mistakes: readonly Mistake[] } {
  const path = ['nodes', id];
  const keys = (below: Path): string[] =>
    below.length > 0 && form !== 'agent'
      ? Object.keys(FORM_KEYS[form])
      : Object.keys(NODE_KEYS).filter((key) => form === 'agent' || key !== 'task');
  switch (form) {
    case 'agent': {
      const { data, mistakes } = yaml.check(forms.agent, path, keys);
      if (!data) return { mistakes };
      return {
        mistakes,
        node: { ...shared(id, data), kind: 'agent', agent: data.agent, task: texted(data.task) },
      };
    }
    case 'map': {
      const { data, mistakes } = yaml.check(forms.map, path, keys);
      if (!data) return { mistakes };
      const { over, agent, task, parallel } = data.map;
      const each = { agent, task: texted(task ?? '{{item}}'), parallel: parallel ?? DEFAULT_PARALLEL };
      return { mistakes, node: { ...shared(id, data), kind: 'map', over: overText(over), ...each } };
    }
    case 'critic': {
      const { data, mistakes } = yaml.check(forms.critic, path, keys);
      if (!data) return { mistakes };
      const { author, critic, task, rounds } = data.critic;
      const each = { author, critic, task: texted(task), rounds: rounds ?? DEFAULT_ROUNDS };
      return { mistakes, node: { ...shared(id, data), kind: 'critic', ...each } };
    }
    case 'discussion': {
      const { data, mistakes } = yaml.check(forms.discussion, path, keys);
      if (!data) return { mistakes };
      const { chair, members, task, rounds } = data.discussion;
      const each = { chair, members, task: texted(task), rounds: rounds ?? DEFAULT_ROUNDS };
      return { mistakes, node: { ...shared(id, data), kind: 'discussion', ...each } };
    }
  }
}

function shared(
  id: string,
  { retries, timeLimit }: { readonly retries?: number | undefined; readonly timeLimit?: string | undefined },
): { readonly id: string; readonly retries: number; readonly timeLimitMs?: number } {
  const timeLimitMs = parseDuration(timeLimit ?? '');
  return { id, retries: retries ?? 0, ...(timeLimitMs === undefined ? {} : { timeLimitMs }) };
}

export const TEMPLATE = /\{\{\s*([^{}\n]*?)\s*\}\}/g;

/** Templates without the white space that people put into them, so that whoever fills them in need not know of it. */
function texted(given = '{{task}}'): string {
  return given.replace(TEMPLATE, '{{$1}}');
}

/** A bare `plan.answer` says the same as `"{{plan.answer}}"`, and needs no quotes. */
function overText(given: string): string {
  return isBareOver(given) ? `{{${given.trim()}}}` : texted(given);
}

export function isBareOver(given: string): boolean {
  return /^\s*(task|[A-Za-z][\w-]*\.\w+)\s*$/.test(given);
}

function agentPaths(node: WorkflowNode): Path[] {
  const at = ['nodes', node.id];
  switch (node.kind) {
    case 'agent':
      return [[...at, 'agent']];
    case 'map':
      return [[...at, 'map', 'agent']];
    case 'critic':
      return ['author', 'critic'].map((key) => [...at, 'critic', key]);
    case 'discussion':
      return [
        [...at, 'discussion', 'chair'],
        ...node.members.map((_, index) => [...at, 'discussion', 'members', index]),
      ];
  }
}

function textPaths(id: string, form: Form): Path[] {
  if (form === 'agent') return [['nodes', id, 'task']];
  return (form === 'map' ? ['over', 'task'] : ['task']).map((key) => ['nodes', id, form, key]);
}
