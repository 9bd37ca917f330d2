import { isStrataError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import type { Episode, Hit, Memory } from '../memory/memory.ts';
import type { Tool, ToolResult, ToolServer } from './tool.ts';

const DEFAULT_LIMIT = 8;
const MOST = 50;
/** A hit is a place to read, not the text to work from: `files_read` gives the whole. */
const SHOWN_CHARACTERS = 1200;

const limit = {
  type: 'integer',
  minimum: 1,
  maximum: MOST,
  description: `Most results; ${DEFAULT_LIMIT} by default.`,
};

const tools: readonly Tool[] = [
  {
    name: 'memory_search',
    server: 'memory',
    effect: 'read',
    description: 'Search the indexed workspace by words. Answers with places: path, lines, name and text.',
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string', description: 'Words that describe what you look for.' }, limit },
      required: ['query'],
      additionalProperties: false,
    },
  },
  {
    name: 'memory_recall',
    server: 'memory',
    effect: 'read',
    description:
      'Recall earlier runs in this workspace that are like a task: what was done, and what failed.',
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string', description: 'The task, in words.' }, limit },
      required: ['query'],
      additionalProperties: false,
    },
  },
];

/** The workspace's memory as tools that an agent can call. In process: it reads an index and touches no file. */
export function memoryServer(memory: Memory): ToolServer {
  return {
    name: 'memory',
    list: () => Promise.resolve(tools),
    call: async (tool, { arguments: given, signal }) => {
      const options = { limit: typeof given['limit'] === 'number' ? given['limit'] : DEFAULT_LIMIT, signal };
      const query = textOf(given['query']);
      try {
        if (tool === 'memory_recall') return text(listEpisodes(await memory.recall(query, options)));
        return text(listHits(await memory.search(query, options)));
      } catch (error) {
        if (!isStrataError(error)) throw error;
        return {
          content: [{ type: 'text', text: `${error.message} Go on with the file tools.` }],
          isError: true,
        };
      }
    },
    dispose: () => Promise.resolve(),
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function listHits(hits: readonly Hit[]): string {
  if (hits.length === 0) return 'Nothing in the workspace matches.';
  return hits
    .map((hit) => {
      const name = hit.symbol === undefined ? '' : ` ${hit.symbol}`;
      const shown =
        hit.text.length > SHOWN_CHARACTERS ? `${hit.text.slice(0, SHOWN_CHARACTERS)}\n…` : hit.text;
      return `${hit.path}:${hit.startLine}-${hit.endLine}${name}\n${shown}`;
    })
    .join('\n\n');
}

function listEpisodes(episodes: readonly Episode[]): string {
  if (episodes.length === 0) return 'No earlier run is like this.';
  return episodes
    .map((episode) =>
      [
        `Task: ${episode.task}`,
        `Outcome: ${episode.outcome}`,
        `Answer: ${episode.answer}`,
        ...(episode.files.length > 0 ? [`Files changed: ${episode.files.join(', ')}`] : []),
        ...episode.failures.map((failure) => `Failed: ${failure}`),
      ].join('\n'),
    )
    .join('\n\n');
}

function text(content: string): ToolResult {
  return { content: [{ type: 'text', text: content }], isError: false };
}
