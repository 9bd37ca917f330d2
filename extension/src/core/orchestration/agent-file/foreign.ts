import * as z from 'zod';
import { DEFAULT_TOOLS } from '../agent.ts';
import { READING_TOOLS } from './tool-names.ts';

/**
 * VS Code's own agent files (`.github/agents`, format of
 * https://code.visualstudio.com/docs/agents/reference/custom-agent-file-reference). They are written for another reader,
 * so what maps is taken over and nothing in them is a mistake: models, hooks, MCP servers and targets are left out.
 */
const lenient = <T extends z.ZodType>(schema: T): z.ZodCatch<z.ZodOptional<T>> =>
  schema.optional().catch(undefined);

const names = z.union([z.array(z.unknown()), z.string().transform((text) => text.split(','))]);

const schema = z
  .object({
    name: lenient(z.string()),
    description: lenient(z.string()),
    tools: lenient(names),
    agents: lenient(names),
    handoffs: lenient(z.array(z.unknown())),
  })
  .catch({});

export interface ForeignAgent {
  readonly name?: string;
  readonly description: string;
  readonly tools: readonly string[];
  /** Whether they exist is not known here. `*` stands for all. */
  readonly agents: readonly string[];
  readonly handOvers: readonly string[];
}

export function readForeign(value: unknown): ForeignAgent {
  const { name, description, tools, agents, handoffs } = schema.parse(value ?? {});
  // It is shown in lists and in terminals.
  const shown = name?.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return {
    ...(shown ? { name: shown } : {}),
    description: description ?? '',
    tools: tools === undefined ? DEFAULT_TOOLS : ourTools(texts(tools)),
    agents: texts(agents ?? []),
    handOvers: (handoffs ?? []).flatMap((handoff) => handoffSchema.safeParse(handoff).data?.agent ?? []),
  };
}

const handoffSchema = z.object({ agent: z.string() });

/** VS Code's tool sets, and tools by their older names → ours. The first that fits decides. */
const TOOLS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(edit|editFiles|new|createFile)(\/|$)|\/(editFiles|createFile)$/, ['files_*']],
  [/^(execute|runCommands|runTasks|runTests|shell|bash|terminal)(\/|$)/, ['shell_*']],
];

/**
 * A list says what the agent is not to do: one that names no tool for editing gets none. To look is always allowed, as
 * long as anything is.
 */
function ourTools(given: readonly string[]): string[] {
  if (given.length === 0) return [];
  const more = given.flatMap((tool) => TOOLS.find(([pattern]) => pattern.test(tool))?.[1] ?? []);
  return [...new Set([...READING_TOOLS, ...more])];
}

function texts(values: readonly unknown[]): string[] {
  return values
    .filter((value) => typeof value === 'string')
    .map((text) => text.trim())
    .filter((text) => text !== '');
}
