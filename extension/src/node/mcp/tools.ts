import type { Tool as McpTool } from '@modelcontextprotocol/client';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { HeldTool } from '../../core/tools/tool-host.ts';
import type { Tool, ToolAnnotations } from '../../core/tools/tool.ts';
import type { StepEffect } from '../../protocol/run-event.ts';
import type { SchemaChecks } from './validate.ts';

export type EffectOf = (tool: { readonly annotations?: ToolAnnotations }) => StepEffect;

/** A tool by the name that agents use, with what its server calls it and says of it. */
export interface ListedTool {
  readonly tool: Tool;
  readonly wire: McpTool;
}

/** The longest name that every provider takes. */
const longestName = 64;

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** The tools that can be offered, in the server's order, and the others with the reason. */
export function toTools(
  server: string,
  listed: readonly McpTool[],
  options: { readonly effectOf: EffectOf; readonly checks: SchemaChecks },
): { readonly tools: readonly ListedTool[]; readonly held: readonly HeldTool[] } {
  const tools = new Map<string, ListedTool>();
  const held: HeldTool[] = [];
  for (const wire of listed) {
    const tool = toTool(server, wire, options.effectOf);
    const reason = tools.has(tool.name)
      ? 'A tool of the same name comes before it.'
      : problemOf(tool, options.checks);
    if (reason === undefined) tools.set(tool.name, { tool, wire });
    else held.push({ name: wire.name, reason });
  }
  return { tools: [...tools.values()], held };
}

export function toTool(server: string, tool: McpTool, effectOf: EffectOf): Tool {
  const title = tool.title ?? tool.annotations?.title;
  const annotations = annotationsOf(tool);
  const tags = tagsOf(tool);
  return {
    // Providers take no other characters; MCP allows dots and slashes too.
    name: `${server}_${tool.name.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`,
    server,
    description: tool.description ?? title ?? tool.name,
    inputSchema: jsonObject.parse(tool.inputSchema),
    effect: effectOf(annotations ? { annotations } : {}),
    ...(title === undefined ? {} : { title }),
    ...(tool.outputSchema === undefined ? {} : { outputSchema: jsonObject.parse(tool.outputSchema) }),
    ...(annotations ? { annotations } : {}),
    ...(tags.length > 0 ? { tags } : {}),
  };
}

function problemOf(tool: Tool, checks: SchemaChecks): string | undefined {
  if (tool.name.length > longestName)
    return `Its name is too long: with the server's name before it, it has ${tool.name.length} characters, and ${longestName} are allowed.`;
  const check = checks.check(tool.inputSchema, {});
  return check.kind === 'unusable'
    ? `The schema of its arguments cannot be used: ${check.reason}`
    : undefined;
}

function annotationsOf({ annotations }: McpTool): ToolAnnotations | undefined {
  if (!annotations) return undefined;
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  const hints = {
    ...(readOnlyHint === undefined ? {} : { readOnlyHint }),
    ...(destructiveHint === undefined ? {} : { destructiveHint }),
    ...(idempotentHint === undefined ? {} : { idempotentHint }),
    ...(openWorldHint === undefined ? {} : { openWorldHint }),
  };
  return Object.keys(hints).length > 0 ? hints : undefined;
}

const word = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,29}$/u);
const named = z.object({ tags: z.array(z.unknown()) });

/** What the annotations say, and the tags that servers made with FastMCP send along. */
function tagsOf({ annotations, _meta }: McpTool): readonly string[] {
  const said = [
    ...(annotations?.readOnlyHint === true ? ['reads'] : []),
    ...(annotations?.destructiveHint === true && annotations.readOnlyHint !== true ? ['destroys'] : []),
    ...(annotations?.openWorldHint === true ? ['network'] : []),
  ];
  const own = [_meta?.['fastmcp'], _meta?.['_fastmcp']].flatMap((meta) => {
    const parsed = named.safeParse(meta);
    return parsed.success ? parsed.data.tags.filter((tag) => word.safeParse(tag).success).map(String) : [];
  });
  return [...new Set([...said, ...own])].slice(0, 8);
}
