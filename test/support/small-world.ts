import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { builtInAgents } from '../../extension/src/core/orchestration/index.ts';
import type {
  AgentDefinition,
  ApprovalAnswer,
  ApprovalRequest,
  RunEnvironment,
  RunInput,
  UnknownDecision,
} from '../../extension/src/core/orchestration/index.ts';
import type { Episode } from '../../extension/src/core/memory/index.ts';
import type { SecretFilter } from '../../extension/src/core/redaction/index.ts';
import type { Tool, ToolResult } from '../../extension/src/core/tools/tool.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../extension/src/node/sqlite/index.ts';
import type { AssistantMessage, Message, ToolDefinition } from '../../extension/src/protocol/message.ts';
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
  /** The copy of the first run. */
  readonly files: Map<string, string>;
  readonly copyOf: (run: string) => ReadonlyMap<string, string>;
  readonly trees: ReadonlyMap<string, ReadonlyMap<string, string>>;
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
    request: { readonly route: string; readonly tools: readonly ToolDefinition[] },
  ) => AssistantMessage | Promise<AssistantMessage>;
  readonly approve?: (tool: string, request: ApprovalRequest) => ApprovalAnswer | Promise<ApprovalAnswer>;
  readonly decideUnknown?: () => UnknownDecision;
  readonly callTool?: (tool: string, given: JsonObject) => ToolResult | undefined;
  /** What the run log leaves out. */
  readonly secrets?: SecretFilter;
  readonly wrapStore?: (store: RunStore) => RunStore;
  /** Where the world is kept, so that another process finds it as this one left it. Kept in memory without it. */
  readonly home?: string;
}

export function smallWorld(options: WorldOptions): SmallWorld {
  const folder = options.home ?? mkdtempSync(path.join(tmpdir(), 'strata-world-'));
  let time = Date.UTC(2026, 0, 1);
  const now = (): number => (time += 1);
  const log = path.join(folder, 'runs.db');
  const opened = openRunStore(log, now, options.secrets);
  const store = options.wrapStore?.(opened) ?? opened;
  const workspace: ReadonlyMap<string, string> = new Map([['a.txt', 'one']]);
  const known = options.home === undefined ? emptyState() : loadState(options.home);
  /** Each run's own copy, by the run. A copy outlives the process that made it. */
  const { copies, trees, sent, executed, episodes } = known;
  const asked = { models: 0 };
  /** What was done is done, whatever becomes of the process. */
  const kept = (): void => {
    if (options.home !== undefined) saveState(options.home, known);
  };
  const copyOf = (run: string): Map<string, string> => {
    const copy = copies.get(run) ?? new Map(workspace);
    copies.set(run, copy);
    return copy;
  };

  const keepTree = (files: ReadonlyMap<string, string>): string => {
    const tree = createHash('sha1')
      .update(JSON.stringify([...files].sort()))
      .digest('hex');
    trees.set(tree, new Map(files));
    kept();
    return tree;
  };
  const putBack = (files: Map<string, string>, tree: string): void => {
    files.clear();
    for (const [name, text] of trees.get(tree) ?? []) files.set(name, text);
    kept();
  };
  const textAt = (given: JsonObject, key: string): string => {
    const value = given[key];
    return typeof value === 'string' ? value : '';
  };
  const perform = (files: Map<string, string>, tool: string, given: JsonObject): ToolResult => {
    executed.push(tool);
    kept();
    const special = options.callTool?.(tool, given);
    if (special) return special;
    switch (tool) {
      case 'files_read':
        return say(files.get(textAt(given, 'path')) ?? 'no such file', !files.has(textAt(given, 'path')));
      case 'files_append':
        files.set(textAt(given, 'path'), (files.get(textAt(given, 'path')) ?? '') + textAt(given, 'text'));
        kept();
        return say('appended');
      default:
        sent.push(textAt(given, 'text'));
        kept();
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
    newRunId: () => `r-${(known.runs += 1)}`,
    folder: '/world',
    isolation: 'copy',
    strata: 'test',
    open: (run) => {
      const files = copyOf(run);
      return Promise.resolve({
        models: {
          chat: async ({ messages, route, tools: offered, onNote, onText }) => {
            asked.models += 1;
            onNote('info', `${route}: the only model`);
            const message = await options.model(messages, asked.models, { route, tools: offered });
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
          recall: () => Promise.resolve([...episodes]),
          remember: (episode) => {
            if (!episodes.some(({ run }) => run === episode.run)) episodes.push(episode);
            kept();
            return Promise.resolve();
          },
        },
        files: {
          folder: '/copy',
          begin: (_signal, from) => {
            putBack(files, from ?? keepTree(workspace));
            return Promise.resolve({ tree: keepTree(files), files: files.size, notes: [] });
          },
          snapshot: () => Promise.resolve(keepTree(files)),
          restore: (tree) => {
            putBack(files, tree);
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
          call: (tool, { arguments: given }) => Promise.resolve().then(() => perform(files, tool, given)),
          dispose: () => Promise.resolve(),
        },
        approve: async (request) => (await options.approve?.(request.tool, request)) ?? { allowed: true },
        decideUnknown: () => Promise.resolve(options.decideUnknown?.() ?? 'pause'),
        dispose: () => Promise.resolve(),
      });
    },
  };

  return {
    store,
    log,
    environment,
    get files() {
      return copyOf('r-1');
    },
    copyOf,
    trees,
    sent,
    executed,
    asked,
    episodes,
    dispose: () => {
      opened.dispose();
      if (options.home === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface State {
  readonly copies: Map<string, Map<string, string>>;
  readonly trees: Map<string, ReadonlyMap<string, string>>;
  readonly sent: string[];
  readonly executed: string[];
  readonly episodes: Episode[];
  runs: number;
}

function emptyState(): State {
  return { copies: new Map(), trees: new Map(), sent: [], executed: [], episodes: [], runs: 0 };
}

function loadState(home: string): State {
  const file = path.join(home, 'world.json');
  if (!existsSync(file)) return emptyState();
  return JSON.parse(readFileSync(file, 'utf8'), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && '$map' in value
      ? new Map(value.$map as [string, string][])
      : value,
  ) as State;
}

function saveState(home: string, state: State): void {
  const text = JSON.stringify(state, (_key, value: unknown) =>
    value instanceof Map ? { $map: [...value] } : value,
  );
  writeFileSync(path.join(home, 'world.json'), text);
}

export function inputFor(
  task: string,
  approval: RunInput['approval'] = { '*': 'allow' },
  agent: Partial<AgentDefinition> = {},
  others: readonly AgentDefinition[] = [],
): RunInput {
  const coder = builtInAgents.find(({ name }) => name === 'coder');
  if (!coder) throw new Error('the built-in coder is gone');
  return {
    program: { kind: 'agent', agent: { ...coder, tools: ['*'], ...agent } },
    task,
    approval,
    agents: Object.fromEntries(others.map((other) => [other.name, other])),
    depth: 0,
  };
}

/** An agent that may use every tool, for casts of several. */
export function agentNamed(name: string, more: Partial<AgentDefinition> = {}): AgentDefinition {
  return {
    name,
    description: `The ${name}.`,
    route: 'code',
    tools: ['*'],
    agents: [],
    handOvers: [],
    maxSteps: 50,
    memory: false,
    prompt: `You are the ${name}.`,
    ...more,
  };
}

export function says(text: string): AssistantMessage {
  return { role: 'assistant', content: [{ type: 'text', text }] };
}

export function calls(tool: string, given: JsonObject): AssistantMessage {
  return callsAll([tool, given]);
}

/** Several calls in one turn. */
export function callsAll(...all: readonly (readonly [string, JsonObject])[]): AssistantMessage {
  const content = all.map(([tool, given], index) => {
    const callId = index === 0 ? `call-${tool}` : `call-${tool}-${index}`;
    return { type: 'tool-call' as const, callId, tool, arguments: given };
  });
  return { role: 'assistant', content };
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
