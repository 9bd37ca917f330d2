import type { JsonObject } from '../../base/json.ts';
import type { ToolCallPart } from '../../protocol/message.ts';
import { estimateText, estimateTools } from '../memory/working/token-estimate.ts';
import { firstSentence, indexOf } from './tool-index.ts';
import { bestMatches } from './tool-search.ts';
import type { Tool } from './tool.ts';

/** Tokens that the tools of other people's servers may take up in each request, when nobody says otherwise. */
export const DEFAULT_CATALOGUE_TOKENS = 8_000;

/** Answered by the run itself, from the catalogue that it recorded. */
const FIND = 'tools_find';
const CALL = 'tools_call';
/** No server may have it. */
const SERVER = 'tools';

/** What the model is told of with each request, and what it must ask for. */
export interface Disclosed {
  readonly shown: readonly Tool[];
  readonly behind: readonly Tool[];
}

/**
 * Where the tools of other people's servers take up more than `limit` tokens, two tools stand for them all: one that finds
 * them and one that calls them. The list of tools of a run so never changes, and the provider's cache of the prompt holds.
 * A function of the catalogue alone, whose estimates are recorded with it, so that a replay decides the same.
 */
export function disclose(tools: readonly Tool[], limit: number | undefined): Disclosed {
  const behind = tools.filter(({ thirdParty }) => thirdParty);
  if (limit === undefined || sum(behind) <= limit) return { shown: tools, behind: [] };
  return { shown: [...tools.filter(({ thirdParty }) => !thirdParty), ...pair(behind, limit)], behind };
}

/** Tokens that a tool's description takes up in each request. */
export function toolTokens(tool: Pick<Tool, 'name' | 'description' | 'inputSchema'>): number {
  const { name, description, inputSchema } = tool;
  return estimateTools([{ name, description, inputSchema }]);
}

export function isAboutTools({ server }: Tool): boolean {
  return server === SERVER;
}

/** The call that `tools_call` stands for; any other call as it is. */
export function realCall(call: ToolCallPart, tools: readonly Tool[]): ToolCallPart {
  if (call.tool !== CALL || !tools.some(({ name }) => name === CALL)) return call;
  const { name, arguments: given } = call.arguments;
  if (typeof name !== 'string' || name === CALL) return call;
  if (given !== undefined && !isObject(given)) return call;
  return { ...call, tool: name, arguments: given ?? {} };
}

/** What the model reads in answer to a call of one of the two. */
export function answerAboutTools(
  { tool, arguments: given }: ToolCallPart,
  behind: readonly Tool[],
): { readonly text: string; readonly isError: boolean } {
  if (tool !== FIND) return { text: NOT_A_CALL, isError: true };
  const { words, names, server, tag } = given;
  const wanted = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  const among = behind.filter(
    (one) =>
      (typeof server !== 'string' || one.server === server) &&
      (typeof tag !== 'string' || (one.tags ?? []).includes(tag.toLowerCase())),
  );
  if (among.length === 0) return { text: nothingThere(behind), isError: true };
  const asked = typeof words === 'string' ? words : '';
  if (asked.trim() === '' && wanted.length === 0) return { text: overview(among), isError: false };
  const exact = wanted.flatMap((name) => among.find((one) => one.name === name) ?? []);
  const unknown = wanted.filter((name) => !exact.some((one) => one.name === name));
  const found = bestMatches(among, [asked, ...unknown].join(' '));
  return { text: described([...new Set([...exact, ...found])], unknown), isError: false };
}

const NOT_A_CALL = `Give ${CALL} the exact "name" of a tool and its "arguments" as an object, such as {"name": "notes_add", "arguments": {"text": "…"}}. ${FIND} tells what arguments a tool takes.`;

function pair(behind: readonly Tool[], limit: number): readonly Tool[] {
  const tokens = (tool: Tool): Tool => ({ ...tool, tokens: toolTokens(tool) });
  return [
    tokens({
      name: FIND,
      server: SERVER,
      effect: 'read',
      description: `Find more tools: it answers with what the best matches do and what arguments they take. Call one of them with ${CALL}. They are:\n${indexOf(behind, limit)}`,
      inputSchema: {
        type: 'object',
        properties: {
          words: { type: 'string', description: 'What you want to do, in words.' },
          names: { type: 'array', items: { type: 'string' }, description: 'Exact names of tools.' },
          server: { type: 'string', description: 'Only the tools of this server.' },
          tag: { type: 'string', description: 'Only tools with this tag.' },
        },
        additionalProperties: false,
      },
    }),
    tokens({
      name: CALL,
      server: SERVER,
      effect: 'read',
      description: `Call a tool that ${FIND} has told you of.`,
      inputSchema: {
        type: 'object',
        properties: {
          name: { type: 'string', description: 'The exact name of the tool.' },
          arguments: { type: 'object', description: 'Its arguments, as its schema wants them.' },
        },
        required: ['name', 'arguments'],
        additionalProperties: false,
      },
    }),
  ];
}

/** More than this fills the context with what is not needed. */
const ANSWER_TOKENS = 4_000;

function described(tools: readonly Tool[], unknown: readonly string[]): string {
  const texts: string[] = [];
  const left: string[] = [];
  let room = ANSWER_TOKENS;
  for (const tool of tools) {
    const text = `${tool.name}: ${tool.description}\nArguments: ${JSON.stringify(tool.inputSchema)}`;
    room -= estimateText(text);
    // One that is larger than all the room is better than none.
    if (room >= 0 || texts.length === 0) texts.push(text);
    else left.push(tool.name);
  }
  if (left.length > 0) texts.push(`These match too, ask for them by name: ${left.join(', ')}`);
  if (tools.length === 0) texts.push('Nothing matches. Try other words.');
  return [...unknown.map((name) => `There is no tool "${name}".`), ...texts].join('\n\n');
}

function overview(tools: readonly Tool[]): string {
  const servers = Map.groupBy(tools, ({ server }) => server);
  return [...servers]
    .map(([server, own]) => {
      const tags = [...new Set(own.flatMap((tool) => tool.tags ?? []))];
      const lines = own.map((tool) => `- ${tool.name}: ${firstSentence(tool.description)}`);
      return [`${server}${tags.length > 0 ? ` (${tags.join(', ')})` : ''}:`, ...lines].join('\n');
    })
    .join('\n');
}

function nothingThere(behind: readonly Tool[]): string {
  const servers = [...new Set(behind.map(({ server }) => server))];
  const tags = [...new Set(behind.flatMap((tool) => tool.tags ?? []))];
  return `No tool is like that. Servers: ${servers.join(', ')}.${tags.length > 0 ? ` Tags: ${tags.join(', ')}.` : ''}`;
}

function sum(tools: readonly Tool[]): number {
  return tools.reduce((total, tool) => total + (tool.tokens ?? toolTokens(tool)), 0);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
