import * as z from 'zod';
import { assert } from '../../base/assert.ts';
import {
  firstError,
  hasErrors,
  readYaml,
  type Mistake,
  type TextRange,
  type YamlText,
} from '../definition-file/index.ts';
import { DEFAULT_MAX_STEPS, DEFAULT_TOOLS } from './agent.ts';
import type { AgentDefinition } from './agent.ts';
import { readForeign } from './agent-file/foreign.ts';
import { AGENT_KEYS } from './agent-file/keys.ts';
import { agentFileInvalid } from './errors.ts';
import { splitFrontMatter, type FrontMatter } from './front-matter.ts';

/** An `*.agent.md` as far as it can be read by itself; `checkAgents` says what is wrong between the files. */
export interface AgentFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  /** What the agent is called, or would be. */
  readonly name: string;
  readonly nameRange: TextRange;
  /** Undefined when the file has an error. */
  readonly agent?: AgentDefinition;
  readonly mistakes: readonly Mistake[];
  /** Names in `tools`, `agents`, `handOvers` and `route`, for what can be checked only when all is known. */
  readonly names: readonly NamedThing[];
}

export interface NamedThing {
  readonly key: 'route' | 'tools' | 'agents' | 'handOvers';
  readonly name: string;
  readonly range: TextRange;
}

const text = z.string('must be a text');
const list = (what: string): z.ZodArray<z.ZodString> =>
  z.array(
    z.string(`must be the name of ${what}`).min(1, `must be the name of ${what}`),
    'must be a list such as [a, b]',
  );
const steps = 'must be a whole number from 1 to 1000';
const dollars = 'must be a number of dollars above 0';

const schema = z.strictObject(
  {
    name: text.regex(/^[A-Za-z][\w-]*$/, 'must be one word of letters, digits, _ and -').optional(),
    description: text.optional(),
    route: text.min(1, 'must be the name of a route').optional(),
    tools: list('a tool, or a pattern with *').optional(),
    agents: list('an agent').optional(),
    handOvers: list('an agent').optional(),
    budget: z.number(dollars).positive(dollars).optional(),
    maxSteps: z.number(steps).int(steps).min(1, steps).max(1000, steps).optional(),
    memory: z.boolean('must be true or false').optional(),
    isolation: z.enum(['copy', 'workspace'], 'must be copy or workspace').optional(),
  },
  'the front matter must be lines of “key: value”',
);

/** True for Strata's own agent files, in which everything must be right. Others are VS Code's, read for what fits. */
export function isOwnFile(path: string): boolean {
  return path.startsWith('.strata/');
}

/**
 * Reads an `*.agent.md`: YAML front matter between two lines of `---`, the prompt below. Throws `agent-invalid` with the
 * line of the first error. `path` is relative to the workspace: it says whose format it is, and gives the default name.
 */
export function parseAgentFile(path: string, content: string): AgentDefinition {
  const { agent, mistakes } = readAgentFile(path, content);
  if (agent) return agent;
  const first = firstError(mistakes);
  assert(first, 'a file without an agent has an error');
  throw agentFileInvalid(path, first.range.start.line + 1, first.message);
}

export function readAgentFile(path: string, content: string): AgentFile {
  const parts = splitFrontMatter(content);
  const yaml = readYaml(parts.yaml, parts.yamlLine);
  const read = readable(parts, yaml)
    ? isOwnFile(path)
      ? own(path, yaml)
      : foreign(path, yaml)
    : { mistakes: [] };
  // Without a closing line the prompt would be read as YAML: its mistakes mean nothing.
  const mistakes = parts.closed ? [...yaml.syntax, ...read.mistakes, ...emptyPrompt(parts)] : [unclosed()];
  const stem = stemOf(path);
  const written = yaml.valueAt(['name']);
  return {
    path,
    name: read.agent?.name ?? (typeof written === 'string' && written !== '' ? written : stem),
    nameRange: written === undefined ? firstLine(content) : yaml.rangeAt(['name']),
    mistakes,
    names: isOwnFile(path) ? namesIn(yaml) : [],
    ...(read.agent && !hasErrors(mistakes) ? { agent: { ...read.agent, prompt: parts.body.trim() } } : {}),
  };
}

interface Read {
  readonly agent?: AgentDefinition;
  readonly mistakes: readonly Mistake[];
}

function own(path: string, yaml: YamlText): Read {
  const empty = yaml.valueAt([]) === null || yaml.valueAt([]) === undefined;
  const { data, mistakes } = empty
    ? { data: {}, mistakes: [] }
    : yaml.check(schema, [], () => Object.keys(AGENT_KEYS));
  if (!data) return { mistakes };
  return {
    mistakes,
    agent: {
      name: data.name ?? stemOf(path),
      description: data.description ?? '',
      route: data.route ?? 'code',
      tools: data.tools ?? DEFAULT_TOOLS,
      agents: data.agents ?? [],
      handOvers: data.handOvers ?? [],
      maxSteps: data.maxSteps ?? DEFAULT_MAX_STEPS,
      ...(data.budget === undefined ? {} : { budget: data.budget }),
      memory: data.memory ?? true,
      ...(data.isolation === undefined ? {} : { isolation: data.isolation }),
      prompt: '',
    },
  };
}

function foreign(path: string, yaml: YamlText): Read {
  const { name, ...rest } = readForeign(yaml.valueAt([]));
  return {
    mistakes: [],
    agent: {
      ...rest,
      name: name ?? stemOf(path),
      route: 'code',
      maxSteps: DEFAULT_MAX_STEPS,
      memory: true,
      prompt: '',
    },
  };
}

function namesIn(yaml: YamlText): NamedThing[] {
  const lists = (['tools', 'agents', 'handOvers'] as const).flatMap((key) => {
    const values = yaml.valueAt([key]);
    return Array.isArray(values) ? values.map((_, index) => ({ key, path: [key, index] })) : [];
  });
  return [{ key: 'route' as const, path: ['route'] }, ...lists].flatMap(({ key, path }) => {
    const name = yaml.valueAt(path);
    return typeof name === 'string' ? [{ key, name, range: yaml.rangeAt(path) }] : [];
  });
}

function readable({ closed }: FrontMatter, yaml: YamlText): boolean {
  return closed && yaml.readable;
}

function unclosed(): Mistake {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } };
  return {
    code: 'unclosed',
    severity: 'error',
    message: 'the front matter has no closing line of ---',
    range,
  };
}

function emptyPrompt({ body, bodyLine }: FrontMatter): Mistake[] {
  if (body.trim() !== '') return [];
  const place = { line: Math.max(0, bodyLine - 1), character: 0 };
  const message = 'the prompt below the front matter is empty';
  return [
    {
      code: 'no-prompt',
      severity: 'error',
      message,
      range: { start: place, end: { ...place, character: 3 } },
    },
  ];
}

function firstLine(content: string): TextRange {
  const { length } = content.split(/\r?\n/, 1)[0] ?? '';
  return { start: { line: 0, character: 0 }, end: { line: 0, character: length } };
}

function stemOf(path: string): string {
  return /([^/]+?)(\.agent)?\.md$/.exec(path)?.[1] ?? path;
}
