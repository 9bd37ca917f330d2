import type { Tool as McpTool } from '@modelcontextprotocol/client';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { Tool } from '../../core/tools/tool.ts';
import type { StepEffect } from '../../protocol/run-event.ts';

export type EffectOf = (tool: McpTool) => StepEffect;

/**
 * What a tool of our own servers does to the world: its annotations are ours and honest. With no network, whatever it
 * changes is in the mounted folder, so on a run's own copy it is contained.
 */
export function builtInEffect(options: { readonly ownCopy: boolean }): EffectOf {
  return (tool) => {
    if (tool.annotations?.readOnlyHint === true) return 'read';
    return options.ownCopy ? 'contained' : 'change';
  };
}

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());

export function toTool(server: string, tool: McpTool, effectOf: EffectOf): Tool {
  return {
    name: `${server}_${tool.name}`,
    server,
    description: tool.description ?? tool.title ?? tool.name,
    inputSchema: jsonObject.parse(tool.inputSchema),
    effect: effectOf(tool),
  };
}
