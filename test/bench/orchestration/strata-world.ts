// The real engine: run log on disk, router, OpenAI provider, registry of tools. What a run does once (files, memory) is nothing.
import path from 'node:path';
import { orderedRoute, type Deployment, type Environment } from '../../../extension/src/core/models/index.ts';
import { DEFAULT_CONTEXT_TOKENS } from '../../../extension/src/core/orchestration/index.ts';
import type {
  RunEnvironment,
  RunFiles,
  RunInput,
  RunMemory,
} from '../../../extension/src/core/orchestration/index.ts';
import { createTools } from '../../../extension/src/core/tools/index.ts';
import type { ToolServer } from '../../../extension/src/core/tools/index.ts';
import { argumentMistakes } from '../../../extension/src/node/mcp/validate.ts';
import { createModels } from '../../../extension/src/node/providers/index.ts';
import { newRunId } from '../../../extension/src/node/run-id.ts';
import { openRunStore } from '../../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../../extension/src/node/sqlite/index.ts';
import { MODEL, PROMPT, READ, TASK } from './task.ts';

export interface StrataWorld {
  readonly store: RunStore;
  readonly environment: RunEnvironment;
  /** The file that the store is in. */
  readonly log: string;
}

export interface StrataWorldOptions {
  /** Of the model server, with `/v1`. */
  readonly url: string;
  readonly folder: string;
  readonly read: (path: string) => string;
}

export function openStrataWorld({ url, folder, read }: StrataWorldOptions): StrataWorld {
  const log = path.join(folder, 'runs.db');
  const store = openRunStore(log, Date.now);
  const env: Environment = { OPENAI_API_KEY: 'sk-none-of-anybody', OPENAI_BASE_URL: url };
  const deployment: Deployment = {
    id: `openai/${MODEL}`,
    provider: 'openai',
    model: MODEL,
    baseUrl: url,
    keyName: 'env:OPENAI_API_KEY',
  };
  const environment: RunEnvironment = {
    log: store,
    now: Date.now,
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return { dispose: () => clearTimeout(timer) };
    },
    newRunId: () => newRunId(Date.now()),
    folder,
    isolation: 'copy',
    strata: 'bench',
    open: async () => ({
      models: createModels({
        routes: new Map([
          ['code', orderedRoute('code', [deployment])],
          ['fast', orderedRoute('fast', [deployment])],
        ]),
        keys: { get: () => Promise.resolve(undefined) },
        env,
        openDemo: () => Promise.reject(new Error('no demo here')),
      }),
      memory: noMemory,
      files: noFiles(folder),
      tools: createTools({ servers: [readServer(read)], argumentMistakes }),
      approve: () => Promise.resolve({ allowed: true }),
      decideUnknown: () => Promise.resolve('pause'),
      dispose: () => Promise.resolve(),
    }),
  };
  return { store, environment, log };
}

/** `contextTokens` as people have it, unless it is given. */
export function runInput(contextTokens: number = DEFAULT_CONTEXT_TOKENS): RunInput {
  return {
    program: {
      kind: 'agent',
      agent: {
        name: 'bench',
        description: 'Reads.',
        route: 'code',
        tools: ['bench_*'],
        agents: [],
        handOvers: [],
        maxSteps: 1_000_000,
        budget: 1_000_000,
        memory: true,
        prompt: PROMPT,
      },
    },
    task: TASK,
    approval: { '*': 'allow' },
    agents: {},
    contextTokens,
    depth: 0,
  };
}

function readServer(read: (path: string) => string): ToolServer {
  return {
    name: READ.name.split('_')[0] ?? '',
    list: () =>
      Promise.resolve([
        {
          name: READ.name,
          server: 'bench',
          effect: 'read',
          description: READ.description,
          inputSchema: { ...READ.parameters, required: [...READ.parameters.required] },
        },
      ]),
    call: (_tool, { arguments: { path: file } }) =>
      Promise.resolve({
        content: [{ type: 'text', text: read(typeof file === 'string' ? file : '') }],
        isError: false,
      }),
    dispose: () => Promise.resolve(),
  };
}

const noMemory: RunMemory = {
  index: () => Promise.resolve({ files: 0, chunks: 0, changed: 0, removed: 0, skipped: 0 }),
  recall: () => Promise.resolve([]),
  remember: () => Promise.resolve(),
};

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

function noFiles(folder: string): RunFiles {
  return {
    folder,
    begin: () => Promise.resolve({ tree: EMPTY_TREE, files: 1, notes: [] }),
    snapshot: () => Promise.resolve(EMPTY_TREE),
    restore: () => Promise.resolve(),
    changedPaths: () => Promise.resolve([]),
    merge: ({ ours }) => Promise.resolve({ tree: ours, paths: [], conflicts: [] }),
  };
}
