import { isSpecType, type Tool as McpTool } from '@modelcontextprotocol/client';
import * as z from 'zod';
import type { HeldTool } from '../../core/tools/tool-host.ts';

/** What of a server's list of tools can be used. */
export interface CleanList {
  readonly tools: readonly McpTool[];
  readonly held: readonly HeldTool[];
}

const limits = {
  /** Characters of a description; what a model reads with every call. */
  description: 8000,
  /** Characters of a schema as JSON. */
  schema: 100_000,
  /** Characters of a name that is shown to people. */
  shownName: 80,
};

const loose = z.looseObject({ name: z.string() });
const text = z.string();
const object = z.record(z.string(), z.unknown());
const hints = z.object({
  title: z.string().optional().catch(undefined),
  readOnlyHint: z.boolean().optional().catch(undefined),
  destructiveHint: z.boolean().optional().catch(undefined),
  idempotentHint: z.boolean().optional().catch(undefined),
  openWorldHint: z.boolean().optional().catch(undefined),
});
const execution = z.object({ taskSupport: z.enum(['required', 'optional', 'forbidden']) });

/**
 * One page of tools, each looked at by itself, so that one that is wrong does not cost the others. What is wrong beside
 * name and input schema is left out of the tool.
 */
export function cleanTools(page: readonly unknown[]): CleanList {
  const tools: McpTool[] = [];
  const held: HeldTool[] = [];
  for (const given of page) {
    const clean = cleanTool(given);
    if ('reason' in clean) held.push(clean);
    else tools.push(clean);
  }
  return { tools, held };
}

function cleanTool(given: unknown): McpTool | HeldTool {
  const parsed = loose.safeParse(given);
  if (!parsed.success) return { name: '', reason: 'It has no name.' };
  const { name, title, description, inputSchema, outputSchema, annotations, _meta, icons } = parsed.data;
  const shown = name.length > limits.shownName ? `${name.slice(0, limits.shownName)}…` : name;
  if (name === '') return { name: shown, reason: 'Its name is empty.' };
  const problem = schemaProblem(inputSchema);
  if (problem !== undefined) return { name: shown, reason: problem };
  const output = object.safeParse(outputSchema);
  const tool = compact({
    name,
    title: optional(text, title),
    description: optional(text, description)?.slice(0, limits.description),
    inputSchema,
    outputSchema: output.success && lengthOf(output.data) <= limits.schema ? output.data : undefined,
    annotations: optional(hints, annotations),
    execution: optional(execution, parsed.data['execution']),
    _meta: optional(object, _meta),
    icons: Array.isArray(icons) ? icons : undefined,
  });
  if (isSpecType.Tool(tool)) return tool;
  const bare = compact({ ...tool, icons: undefined, _meta: undefined, outputSchema: undefined });
  return isSpecType.Tool(bare) ? bare : { name: shown, reason: 'It is no valid description of a tool.' };
}

function schemaProblem(schema: unknown): string | undefined {
  if (schema === undefined) return 'It has no schema of its arguments.';
  const parsed = object.safeParse(schema);
  if (!parsed.success) return 'The schema of its arguments is no JSON Schema.';
  if (parsed.data['type'] !== 'object') return 'The schema of its arguments does not describe an object.';
  if (lengthOf(parsed.data) > limits.schema)
    return `The schema of its arguments has more than ${limits.schema} characters.`;
  return undefined;
}

function optional<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function lengthOf(value: unknown): number {
  return JSON.stringify(value).length;
}

function compact(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}
