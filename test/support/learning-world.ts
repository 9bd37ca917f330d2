import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { createDemoProvider } from '../../extension/src/core/models/demo/demo-provider.ts';
import { startRun } from '../../extension/src/core/orchestration/index.ts';
import type { RunEnvironment, RunHandle } from '../../extension/src/core/orchestration/index.ts';
import { createTools, memoryServer } from '../../extension/src/core/tools/index.ts';
import type { Tool, ToolServer } from '../../extension/src/core/tools/index.ts';
import { keepEpisodes } from '../../extension/src/folder-episodes.ts';
import type { EpisodeKeeper } from '../../extension/src/folder-episodes.ts';
import { openRunFiles } from '../../extension/src/node/git/index.ts';
import { argumentMistakes } from '../../extension/src/node/mcp/validate.ts';
import { openNotes } from '../../extension/src/node/notes/index.ts';
import type { Notes } from '../../extension/src/node/notes/index.ts';
import { newRunId } from '../../extension/src/node/run-id.ts';
import { openRunStore } from '../../extension/src/node/sqlite/index.ts';
import type { RunStore } from '../../extension/src/node/sqlite/index.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { place } from '../integration/memory-fixture.ts';
import { inputFor } from './small-world.ts';

/** A price that is wrong, which no slip of one token explains: the demo model cannot know the right one. */
const PROJECT = {
  'package.json': '{ "name": "shop", "type": "module", "scripts": { "test": "node --test" } }\n',
  'src/shipping.js':
    'const PRICES = { standard: 37, express: 99 };\n\nexport function shipping(kind) {\n  return PRICES[kind];\n}\n',
  'test/shipping.test.js': [
    "import assert from 'node:assert/strict';",
    "import { test } from 'node:test';",
    "import { shipping } from '../src/shipping.js';",
    '',
    "test('standard shipping has its price', () => assert.equal(shipping('standard'), 49));",
    '',
  ].join('\n'),
};

/**
 * Real runs of the demo model on a small project: a real log, real snapshots, the real memory in its process, the project's
 * own tests run by Node. Only the tools are short: they work in the run's copy without a container.
 */
export interface LearningWorld {
  readonly folder: string;
  readonly storageDir: string;
  readonly store: RunStore;
  readonly keeper: EpisodeKeeper;
  readonly notes: Notes;
  start(task: string, options?: { readonly memory?: boolean }): RunHandle;
  /** Runs it to its end and returns what it was. */
  run(task: string, options?: { readonly memory?: boolean }): Promise<RunView>;
  view(run: string): RunView;
}

export function learningWorld(t: TestContext): LearningWorld {
  const { folder, storageDir, open, write } = place(t);
  write(PROJECT);
  const home = path.dirname(folder);
  mkdirSync(storageDir, { recursive: true });
  const store = openRunStore(path.join(home, 'runs.db'), Date.now);
  const notes = openNotes({
    folder,
    notedFile: path.join(storageDir, 'noted.json'),
    mayWrite: () => true,
    now: Date.now,
  });
  const keeper = keepEpisodes(store, open(), notes);
  t.after(async () => {
    await keeper.dispose();
    store.dispose();
  });
  const provider = createDemoProvider();
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
    strata: 'test',
    open: async (run, _input, { isolation }) => {
      const files = await openRunFiles({
        workspace: folder,
        storageDir: path.join(home, 'files'),
        run,
        isolation,
      });
      const tools = createTools({
        servers: [...projectServers(files.folder), memoryServer(keeper.memory)],
        argumentMistakes,
        now: Date.now,
      });
      return {
        models: {
          chat: async (call) => {
            const reply = await provider.chat(call);
            const usage = reply.usage ?? { input: 0, output: 0 };
            return {
              ...{ ...reply, usage, cost: { kind: 'free' } },
              ...{ deployment: 'demo/strata-demo', provider: 'demo' },
            };
          },
        },
        memory: keeper.memory,
        files,
        tools,
        approve: () => Promise.resolve({ allowed: true }),
        decideUnknown: () => Promise.resolve('pause'),
        dispose: () => tools.dispose(),
      };
    },
  };
  const view = (run: string): RunView => {
    const found = foldRun(store.read(run));
    if (!found) throw new Error(`no run ${run}`);
    return found;
  };
  const start: LearningWorld['start'] = (task, { memory = true } = {}) =>
    startRun(environment, inputFor(task, { '*': 'allow' }, { memory }));
  return {
    ...{ folder, storageDir, store, keeper, notes, start, view },
    run: async (task, options) => {
      const { run, ended } = start(task, options);
      await ended;
      await keeper.settled();
      return view(run);
    },
  };
}

const anything = { type: 'object' };

function projectServers(folder: string): readonly ToolServer[] {
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const servers: Readonly<
    Record<string, Record<string, (given: Record<string, unknown>) => Promise<string>>>
  > = {
    files: {
      read: ({ path: file }) => Promise.resolve(readFileSync(path.join(folder, text(file)), 'utf8')),
      edit: ({ path: file, oldText, newText }) => {
        const target = path.join(folder, text(file));
        const before = readFileSync(target, 'utf8');
        writeFileSync(
          target,
          before.replace(text(oldText), () => text(newText)),
        );
        return Promise.resolve('Replaced.');
      },
    },
    shell: { run: () => projectTests(folder) },
  };
  return Object.entries(servers).map(([server, tools]): ToolServer => ({
    name: server,
    list: () =>
      Promise.resolve(
        Object.keys(tools).map((name): Tool => ({
          ...{ name: `${server}_${name}`, server, description: name, inputSchema: anything },
          effect: name === 'read' ? 'read' : 'contained',
        })),
      ),
    call: async (tool, { arguments: given }) => {
      try {
        const said = await tools[tool.slice(server.length + 1)]?.(given);
        return { content: [{ type: 'text', text: said ?? 'no such tool' }], isError: said === undefined };
      } catch (error) {
        return { content: [{ type: 'text', text: String(error) }], isError: true };
      }
    },
    dispose: () => Promise.resolve(),
  }));
}

/** As the shell server words it. */
function projectTests(folder: string): Promise<string> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--test'], { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve(`exit code ${error ? String(error.code ?? 1) : '0'}\n--- stdout ---\n${stdout}${stderr}`);
    });
  });
}
