import type * as vscode from 'vscode';
import type { Event } from '../base/event.ts';
import type { Hit, IndexState, Recalled, SearchFilter } from '../core/memory/index.ts';
import type { ModelsState, RouteOrigin } from '../core/models/index.ts';
import type { Tool } from '../core/tools/index.ts';
import type { RunSummary } from '../node/sqlite/index.ts';
import type { RunEvent } from '../protocol/run-event.ts';
import type { RunView } from '../protocol/run-view.ts';
import type { Sessions } from './sessions.ts';

/** What `activate` returns, for other extensions and for tests. Of several open folders it speaks of all. */
export interface StrataApi {
  readonly version: string;
  readonly activation: {
    /** Milliseconds that `activate` took. */
    readonly ms: number;
  };
  readonly runs: {
    list(): Promise<readonly RunSummary[]>;
    view(run: string): Promise<RunView | undefined>;
    readonly onDidAppend: Event<readonly RunEvent[]>;
  };
  readonly replays: {
    /** The recordings of the open folders, as tests of the Test Explorer. */
    readonly tests: vscode.TestController;
  };
  readonly memory: {
    search(query: string, limit?: number, filter?: SearchFilter): Promise<readonly Hit[]>;
    recall(query: string, limit?: number): Promise<readonly Recalled[]>;
    /** One for each folder. */
    state(): Promise<readonly IndexState[]>;
    readonly onDidChange: Event<void>;
  };
  readonly tools: {
    /** Starts the servers to ask them, and stops them again. */
    list(): Promise<readonly Tool[]>;
  };
  readonly models: {
    routes(): Promise<readonly RouteOrigin[]>;
    /** What the models' view shows, one for each folder. */
    state(): Promise<readonly ModelsState[]>;
  };
}

const SEARCH_LIMIT_MS = 60_000;
/** Images may have to be built first. */
const TOOLS_LIMIT_MS = 5 * 60_000;

export function createApi(
  version: string,
  sessions: Sessions,
  replayTests: vscode.TestController,
  onDidChangeMemory: Event<void>,
  activationMs: number,
): StrataApi {
  return {
    version,
    activation: { ms: activationMs },
    runs: {
      list: async () => (await sessions.all()).flatMap((session) => session.list(1000)),
      view: async (run) => (await sessions.all()).find((session) => session.has(run))?.view(run),
      onDidAppend: sessions.onDidAppend,
    },
    replays: { tests: replayTests },
    memory: {
      search: async (query, limit = 20, filter = {}) => {
        const options = { limit, filter, signal: AbortSignal.timeout(SEARCH_LIMIT_MS) };
        const found = (await sessions.all()).map(({ core }) => core.memory.search(query, options));
        return (await Promise.all(found)).flat();
      },
      recall: async (query, limit = 8) => {
        const options = { limit, signal: AbortSignal.timeout(SEARCH_LIMIT_MS) };
        const found = (await sessions.all()).map(({ core }) => core.memory.recall(query, options));
        return (await Promise.all(found)).flat();
      },
      state: async () => Promise.all((await sessions.all()).map(({ core }) => core.memory.state())),
      onDidChange: onDidChangeMemory,
    },
    tools: {
      list: async () => {
        const [first] = await sessions.all();
        const listed = await first?.core.tools(AbortSignal.timeout(TOOLS_LIMIT_MS), () => undefined);
        return listed?.tools ?? [];
      },
    },
    models: {
      routes: async () =>
        (await Promise.all((await sessions.all()).map(({ core }) => core.routes()))).flatMap(
          ({ origins }) => origins,
        ),
      state: async () => Promise.all((await sessions.all()).map(({ core }) => core.models.state())),
    },
  };
}
