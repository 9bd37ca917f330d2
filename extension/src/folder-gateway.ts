import { Emitter } from './base/event.ts';
import type { Event } from './base/event.ts';
import { Disposables } from './base/disposable.ts';
import { startGatewayRun } from './core/orchestration/index.ts';
import type {
  GatewayRun,
  RunEnvironment,
  RunHandle,
  RunInput,
  RunResources,
} from './core/orchestration/index.ts';
import type { Tool, ToolServer } from './core/tools/index.ts';
import type { GatewayClient, GatewaySession } from './node/gateway/index.ts';
import type { McpServerFace } from './node/mcp/index.ts';
import type { RunId } from './protocol/run-event.ts';

/** What a gateway's sessions are made of: parts of one folder. */
export interface GatewayParts {
  readonly environment: RunEnvironment;
  readonly input: (client: GatewayClient) => Promise<RunInput>;
  /** All tools that there are, without a run. */
  readonly catalogue: (signal: AbortSignal) => Promise<readonly Tool[]>;
  readonly onDidChangeTools: Event<void>;
  readonly servers: (signal: AbortSignal) => Promise<readonly ServerInGateway[]>;
  /** Whether the user's files may have changed since this was last asked; where nobody knows, they may. */
  readonly filesMayHaveChanged: () => boolean;
  readonly onRun: (handle: RunHandle) => void;
  /** Removes a run in which nothing was called. */
  readonly forget: (run: RunId) => Promise<unknown>;
}

export interface ServerInGateway {
  readonly name: string;
  /** It has no resources, no prompts and nothing else. */
  readonly onlyTools: boolean;
  /** Its tools see the folder. */
  readonly files: boolean;
}

interface OpenRun {
  readonly run: GatewayRun;
  readonly resources: Promise<RunResources>;
  calls: number;
}

/** One client's session. Its run begins with the first call, or with the first look at what only a running server can tell. */
export function openGatewaySession(parts: GatewayParts, client: GatewayClient): GatewaySession {
  const changed = new Emitter<void>();
  const listening = new Disposables();
  const life = new AbortController();
  let current: Promise<OpenRun> | undefined;
  let known: readonly Tool[] | undefined;
  let listed: Promise<readonly ServerInGateway[]> | undefined;
  let withFiles: ReadonlySet<string> = new Set();
  const faces = new Map<string, McpServerFace>();
  const faceOpened = new Emitter<{ readonly name: string; readonly face: McpServerFace }>();

  const look = (signal: AbortSignal): Promise<readonly ServerInGateway[]> => {
    if (listed) return listed;
    const looking = parts.servers(signal);
    listed = looking;
    looking.then(
      (servers) => (withFiles = new Set(servers.filter(({ files }) => files).map(({ name }) => name))),
      () => {
        if (listed === looking) listed = undefined;
      },
    );
    return looking;
  };

  const toolsChanged = (): void => {
    known = undefined;
    listed = undefined;
    // One that did not begin needs no word.
    void current?.then(
      ({ run }) => run.toolsChanged(),
      () => undefined,
    );
    changed.fire();
  };
  listening.add(parts.onDidChangeTools(toolsChanged));

  const begin = (): Promise<OpenRun> => {
    if (current) return current;
    const beginning = start();
    current = beginning;
    const over = (): void => {
      if (current === beginning) current = undefined;
    };
    // A person may have stopped it: the next call is the first one of another run.
    beginning.then(({ run }) => void run.handle.ended.then(over, over), over);
    return beginning;
  };

  const start = async (): Promise<OpenRun> => {
    const input = await parts.input(client);
    const opened = Promise.withResolvers<RunResources>();
    // Who waits for it is told by the run that failed with it.
    opened.promise.catch(() => undefined);
    const { environment } = parts;
    const run = startGatewayRun(
      {
        ...environment,
        open: async (id, given, view) => {
          const opening = environment.open(id, given, view);
          opening.then(opened.resolve, opened.reject);
          return opening;
        },
      },
      input,
      {
        filesMayHaveChanged: parts.filesMayHaveChanged,
        touchesFiles: (tool) => [...withFiles].some((server) => tool.startsWith(`${server}_`)),
      },
    );
    parts.onRun(run.handle);
    return { run, resources: opened.promise, calls: 0 };
  };

  return {
    onDidChangeTools: changed.event,
    faces,
    onDidOpenFace: faceOpened.event,
    servers: async (signal) => (await look(signal)).map(({ name }) => name),
    tools: async (signal, how) => {
      if (how === 'known' && known) return known;
      const open = await current;
      const tools = open
        ? (await (await open.resources).tools.catalogue(signal, () => undefined)).tools
        : await parts.catalogue(signal);
      known = tools;
      return tools;
    },
    call: async (tool, args, { signal, questions, onProgress }) => {
      await look(signal);
      const open = await begin();
      open.calls += 1;
      const caller = { ...(questions ? { questions } : {}), ...(onProgress ? { onProgress } : {}) };
      return open.run.call(tool, args, { signal: AbortSignal.any([signal, life.signal]), caller });
    },
    face: async (name, signal) => {
      const servers = await look(signal);
      if (servers.find((one) => one.name === name)?.onlyTools ?? true) return undefined;
      const { resources } = await begin();
      const server = (await resources).serverOf?.(name);
      if (!isFace(server)) return undefined;
      if (faces.get(name) !== server) {
        faces.set(name, server);
        listening.add(server.onDidChangeTools(toolsChanged));
        faceOpened.fire({ name, face: server });
      }
      return server;
    },
    close: async () => {
      life.abort(new Error('The session has ended.'));
      listening.dispose();
      const open = await current?.catch(() => undefined); // Whoever wanted it has been told.
      if (!open) return;
      await open.run.end();
      if (open.calls === 0) await parts.forget(open.run.handle.run);
    },
  };
}

function isFace(server: ToolServer | undefined): server is McpServerFace {
  return server !== undefined && 'describe' in server;
}
