import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { builtInAgents } from '../../extension/src/core/orchestration/index.ts';
import type {
  AgentDefinition,
  ApprovalAnswer,
  RunEnvironment,
  RunInput,
  UnknownDecision,
} from '../../extension/src/core/orchestration/index.ts';
import type { Episode } from '../../extension/src/core/memory/index.ts';
import type { Tool, ToolResult } from '../../extension/src/core/tools/tool.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../extension/src/node/sqlite/index.ts';
import type { AssistantMessage, Message } from '../../extension/src/protocol/message.ts';
import { textOf } from '../../extension/src/protocol/message.ts';

/**
 * A world of a few variables around a real run log: a model that is a function of the conversation, tools that change a
 * Map of files or send a letter, and counters of everything that was really executed. It survives a process that dies in
 * it, as files and letters do.
 */
export interface SmallWorld {
  readonly store: RunStore;
  /** The file that the store is in. */
  readonly log: string;
  readonly environment: RunEnvironment;
  readonly files: Map<string, string>;
  readonly sent: string[];
  /** Names of tools in the order in which they were executed. */
  readonly executed: string[];
  readonly asked: { models: number };
  readonly episodes: Episode[];
  dispose(): void;
}

export interface WorldOptions {
  readonly model: (
    messages: readonly Message[],
    call: number,
  ) => AssistantMessage | Promise<AssistantMessage>;
  readonly approve?: (tool: string) => ApprovalAnswer;
  readonly decideUnknown?: () => UnknownDecision;
  readonly callTool?: (tool: string, given: JsonObject) => ToolResult | undefined;
  readonly wrapStore?: (store: RunStore) => RunStore;
}

export function smallWorld(options: WorldOptions): SmallWorld {
  const folder = mkdtempSync(path.join(tmpdir(), 'strata-world-'));
  let time = Date.UTC(2026, 0, 1);
  const now = (): number => (time += 1);
  const log = path.join(folder, 'runs.db');
  const opened = openRunStore(log, now);
  const store = options.wrapStore?.(opened) ?? opened;
  const files = new Map([['a.txt', 'one']]);
  const trees = new Map<string, ReadonlyMap<string, string>>();
  const sent: string[] = [];
  const executed: string[] = [];
  const asked = { models: 0 };
  const episodes: Episode[] = [];
  let runs = 0;

  const keepTree = (kept: ReadonlyMap<string, string>): string => {
    const tree = createHash('sha1')
      .update(JSON.stringify([...kept].sort()))
      .digest('hex');
    trees.set(tree, new Map(kept));
    return tree;
  };
  const treeOf = (): string => keepTree(files);
  const putBack = (tree: string): void => {
    files.clear();
    for (const [name, text] of trees.get(tree) ?? []) files.set(name, text);
  };
  const textAt = (given: JsonObject, key: string): string => {
    const value = given[key];
    return typeof value === 'string' ? value : '';
  };
  const perform = (tool: string, given: JsonObject): ToolResult => {
    executed.push(tool);
    const special = options.callTool?.(tool, given);
    if (special) return special;
    switch (tool) {
      case 'files_read':
        return say(files.get(textAt(given, 'path')) ?? 'no such file', !files.has(textAt(given, 'path')));
      case 'files_append':
        files.set(textAt(given, 'path'), (files.get(textAt(given, 'path')) ?? '') + textAt(given, 'text'));
        return say('appended');
      default:
        sent.push(textAt(given, 'text'));
        return say('sent');
    }
  };

  const environment: RunEnvironment = {
    log: store,
    now,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return { dispose: () => clearTimeout(timer) };
    },
    newRunId: () => `r-${(runs += 1)}`,
    folder: '/world',
    isolation: 'copy',
    strata: 'test',
    open: () =>
      Promise.resolve({
        models: {
          chat: async ({ messages, route, onNote, onText }) => {
            asked.models += 1;
            onNote('info', `${route}: the only model`);
            const message = await options.model(messages, asked.models);
            onText(textOf(message));
            return {
              message,
              stop: 'end',
              deployment: 'test/model',
              provider: 'test',
              model: 'model',
              usage: { input: 10, output: 5 },
              cost: { kind: 'priced', usd: 0.001 },
            };
          },
        },
        memory: {
          index: () =>
            Promise.resolve({ files: files.size, chunks: files.size, changed: 0, removed: 0, skipped: 0 }),
          search: () => Promise.resolve([]),
          recall: () => Promise.resolve([...episodes]),
          remember: (episode) => {
            if (!episodes.some(({ run }) => run === episode.run)) episodes.push(episode);
            return Promise.resolve();
          },
          stats: () => Promise.resolve({ chunks: 0, files: 0, episodes: episodes.length }),
          dispose: () => Promise.resolve(),
        },
        files: {
          folder: '/copy',
          begin: (_signal, from) => {
            if (from !== undefined) putBack(from);
            return Promise.resolve({ tree: treeOf(), files: files.size, notes: [] });
          },
          snapshot: () => Promise.resolve(treeOf()),
          restore: (tree) => {
            putBack(tree);
            return Promise.resolve();
          },
          merge: ({ base, ours, theirs }) => {
            const [from, own, other] = [trees.get(base), trees.get(ours), trees.get(theirs)];
            const merged = new Map(own);
            const paths: string[] = [];
            const conflicts: { path: string; reason: string }[] = [];
            for (const path of changed(from, other)) {
              const text = other?.get(path);
              if (own?.get(path) === text) continue;
              if (own?.get(path) !== from?.get(path)) {
                conflicts.push({ path, reason: 'Both sides changed it.' });
                continue;
              }
              paths.push(path);
              if (text === undefined) merged.delete(path);
              else merged.set(path, text);
            }
            return Promise.resolve({ tree: keepTree(merged), paths, conflicts });
          },
          changedPaths: (before, after) => Promise.resolve(changed(trees.get(before), trees.get(after))),
        },
        tools: {
          catalogue: () => Promise.resolve({ tools, notes: [] }),
          call: (tool, { arguments: given }) => Promise.resolve().then(() => perform(tool, given)),
          dispose: () => Promise.resolve(),
        },
        approve: ({ tool }) => Promise.resolve(options.approve?.(tool) ?? { allowed: true }),
        decideUnknown: () => Promise.resolve(options.decideUnknown?.() ?? 'pause'),
        dispose: () => Promise.resolve(),
      }),
  };

  return {
    store,
    log,
    environment,
    files,
    sent,
    executed,
    asked,
    episodes,
    dispose: () => {
      opened.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function inputFor(
  task: string,
  approval: RunInput['approval'] = { '*': 'allow' },
  agent: Partial<AgentDefinition> = {},
): RunInput {
  const coder = builtInAgents.find(({ name }) => name === 'coder');
  if (!coder) throw new Error('the built-in coder is gone');
  return {
    program: { kind: 'agent', agent: { ...coder, tools: ['*'], ...agent } },
    task,
    approval,
    agents: {},
    depth: 0,
  };
}

export function says(text: string): AssistantMessage {
  return { role: 'assistant', content: [{ type: 'text', text }] };
}

export function calls(tool: string, given: JsonObject): AssistantMessage {
  return {
    role: 'assistant',
    content: [{ type: 'tool-call', callId: `call-${tool}`, tool, arguments: given }],
  };
}

function say(text: string, isError = false): ToolResult {
  return { content: [{ type: 'text', text }], isError };
}

function changed(
  before: ReadonlyMap<string, string> | undefined,
  after: ReadonlyMap<string, string> | undefined,
): string[] {
  const names = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  return [...names].filter((name) => before?.get(name) !== after?.get(name)).sort();
}

const anyArguments = { type: 'object' };
const tools: readonly Tool[] = [
  {
    name: 'files_append',
    server: 'files',
    description: 'Append.',
    inputSchema: anyArguments,
    effect: 'contained',
  },
  { name: 'files_read', server: 'files', description: 'Read.', inputSchema: anyArguments, effect: 'read' },
  { name: 'mail_send', server: 'mail', description: 'Send.', inputSchema: anyArguments, effect: 'change' },
];
