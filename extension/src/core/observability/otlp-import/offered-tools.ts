import type { Json } from '../../../base/json.ts';
import { genAi } from '../genai-names.ts';
import { jsonOf } from './incoming.ts';
import type { Attributes } from './incoming.ts';
import { memberOf } from './message-form.ts';

const MOST_TOOLS = 1_000;

/** The tools that a model was offered: a list of the conventions, or one attribute for each tool as OpenInference has it. */
export function offeredTools(attributes: Attributes): readonly Json[] {
  const listed = jsonOf(attributes.get(genAi.toolDefinitions));
  if (Array.isArray(listed)) return (listed as readonly Json[]).map(definitionOf);
  const tools: Json[] = [];
  while (tools.length < MOST_TOOLS) {
    const tool = jsonOf(attributes.get(`llm.tools.${tools.length}.tool.json_schema`));
    if (tool === undefined) break;
    tools.push(definitionOf(tool));
  }
  return tools.length > 0 ? tools : inRequest(attributes);
}

/** Where the whole request of OpenAI's was kept, or an answer of its Responses, which says the tools again. */
function inRequest(attributes: Attributes): readonly Json[] {
  for (const key of ['gen_ai.prompt', 'input.value', 'output.value']) {
    const listed = memberOf(jsonOf(attributes.get(key)) ?? '', 'tools');
    if (Array.isArray(listed)) return (listed as readonly Json[]).map(definitionOf);
  }
  return [];
}

/** OpenAI's chat completions put a function's definition into a member. */
function definitionOf(tool: Json): Json {
  const inner = memberOf(tool, 'function') ?? tool;
  const schema = memberOf(inner, 'inputSchema') ?? memberOf(inner, 'parameters');
  const name = memberOf(inner, 'name');
  if (typeof name !== 'string') return tool;
  return {
    name,
    description: memberOf(inner, 'description') ?? '',
    inputSchema: schema ?? memberOf(inner, 'input_schema') ?? {},
  };
}
