import type { GetPromptResult, ReadResourceResult, ServerCapabilities } from '@modelcontextprotocol/client';
import * as z from 'zod';
import { isStrataError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Tool, ToolCall, ToolResult } from '../../core/tools/tool.ts';
import type { McpServerFace } from './mcp-server-face.ts';
import { failed, toToolResult } from './result.ts';

type Source = Pick<
  McpServerFace,
  'resources' | 'resourceTemplates' | 'readResource' | 'prompts' | 'getPrompt'
>;

interface AddedTool {
  readonly name: string;
  readonly needs: 'resources' | 'prompts';
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly run: (source: Source, call: ToolCall) => Promise<ToolResult>;
}

const nothing: JsonObject = { type: 'object', properties: {}, additionalProperties: false };
const readArguments = z.object({ uri: z.string() });
const promptArguments = z.object({
  name: z.string(),
  arguments: z.record(z.string(), z.string()).default({}),
});

/** What stands for a server's resources and prompts among the tools, since agents know nothing else. */
const added: readonly AddedTool[] = [
  {
    name: 'list_resources',
    needs: 'resources',
    description: 'Lists the resources of this server, and the patterns of those that have no fixed address.',
    inputSchema: nothing,
    run: listResources,
  },
  {
    name: 'read_resource',
    needs: 'resources',
    description: 'Reads one resource of this server by its address.',
    inputSchema: {
      type: 'object',
      properties: { uri: { type: 'string', description: 'As list_resources gives it.' } },
      required: ['uri'],
      additionalProperties: false,
    },
    run: async (source, call) =>
      readable(await source.readResource(readArguments.parse(call.arguments).uri, call.signal)),
  },
  {
    name: 'list_prompts',
    needs: 'prompts',
    description: 'Lists the prompts of this server: instructions that it offers for kinds of work.',
    inputSchema: nothing,
    run: listPrompts,
  },
  {
    name: 'get_prompt',
    needs: 'prompts',
    description: 'Gets one prompt of this server by its name.',
    inputSchema: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        arguments: { type: 'object', additionalProperties: { type: 'string' } },
      },
      required: ['name'],
      additionalProperties: false,
    },
    run: async (source, call) => {
      const { name, arguments: args } = promptArguments.parse(call.arguments);
      return promptText(await source.getPrompt(name, args, call.signal));
    },
  },
];

/** Tools for what the server says that it has, except where it has tools of the same names itself. */
export function addedTools(
  server: string,
  capabilities: ServerCapabilities | undefined,
  own: ReadonlySet<string>,
): readonly Tool[] {
  return added
    .filter(({ name, needs }) => capabilities?.[needs] !== undefined && !own.has(`${server}_${name}`))
    .map(({ name, needs, description, inputSchema }) => ({
      name: `${server}_${name}`,
      server,
      description,
      inputSchema,
      effect: 'read',
      tags: [needs],
    }));
}

/** `name` is without the server's. */
export async function callAddedTool(name: string, source: Source, call: ToolCall): Promise<ToolResult> {
  const tool = added.find((one) => one.name === name);
  if (!tool) return failed(`There is no tool ${name}.`);
  try {
    return await tool.run(source, call);
  } catch (error) {
    call.signal.throwIfAborted();
    if (isStrataError(error) && error.code === 'tool-server-request') return failed(error.message);
    if (error instanceof z.ZodError) return failed(`The arguments are wrong: ${z.prettifyError(error)}`);
    throw error;
  }
}

async function listResources(source: Source, { signal }: ToolCall): Promise<ToolResult> {
  const [resources, templates] = await Promise.all([
    source.resources(signal),
    source.resourceTemplates(signal),
  ]);
  const lines = [
    ...resources.map(({ uri, name, mimeType, description }) => line(uri, [name, mimeType, description])),
    ...templates.map(({ uriTemplate, name, mimeType, description }) =>
      line(uriTemplate, [name, mimeType, description]),
    ),
  ];
  return said(lines.length > 0 ? lines.join('\n') : 'There are no resources.');
}

async function listPrompts(source: Source, { signal }: ToolCall): Promise<ToolResult> {
  const prompts = await source.prompts(signal);
  const lines = prompts.map(({ name, description, arguments: args }) => {
    const names = (args ?? []).map((one) => (one.required === true ? one.name : `${one.name}?`));
    return line(`${name}(${names.join(', ')})`, [description]);
  });
  return said(lines.length > 0 ? lines.join('\n') : 'There are no prompts.');
}

function readable({ contents }: ReadResourceResult): ToolResult {
  return toToolResult({
    content: contents.map((one) =>
      'blob' in one && one.mimeType?.startsWith('image/') === true
        ? { type: 'image', data: one.blob, mimeType: one.mimeType }
        : { type: 'resource', resource: one },
    ),
  });
}

function promptText({ description, messages }: GetPromptResult): ToolResult {
  const content = messages.flatMap((message) => [
    { type: 'text' as const, text: `${message.role}:` },
    message.content,
  ]);
  const head = description === undefined ? [] : [{ type: 'text' as const, text: description }];
  return toToolResult({ content: [...head, ...content] });
}

function line(first: string, rest: readonly (string | undefined)[]): string {
  const said = rest.filter((one) => one !== undefined && one !== '');
  return said.length > 0 ? `${first}: ${said.join('; ').slice(0, 300)}` : first;
}

function said(text: string): ToolResult {
  return toToolResult({ content: [{ type: 'text', text }] });
}
