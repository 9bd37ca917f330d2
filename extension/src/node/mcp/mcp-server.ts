import type {
  CallToolResult,
  CompleteRequestParams,
  CompleteResult,
  GetPromptResult,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
} from '@modelcontextprotocol/client';
import { isStrataError } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/event.ts';
import type { HeldTool } from '../../core/tools/tool-host.ts';
import type { QuestionDesk, Tool, ToolCall, ToolResult } from '../../core/tools/tool.ts';
import type { EgressConnection } from '../../protocol/tool-use.ts';
import { askableMeta, askUntilComplete, callTool } from './call.ts';
import { openCatalogue, type Catalogue } from './catalogue.ts';
import { Changes, takeNotices } from './changes.ts';
import { Connection } from './connection.ts';
import { Deadline } from './deadline.ts';
import { serverRequestFailed } from './errors.ts';
import { explain } from './explain.ts';
import { openHttpSource } from './http/http-link.ts';
import type { HttpServerOptions, McpServerOptions } from './mcp-server-options.ts';
import type { McpServerFace, McpServerState, ServerDescription, ServerMessage } from './mcp-server-face.ts';
import { whyOf } from './open-session.ts';
import type { Answerers } from './questions.ts';
import { callAddedTool } from './resource-tools.ts';
import { toolResultOf } from './result.ts';
import { ServerMessages } from './server-messages.ts';
import type { Session } from './session.ts';
import type { ListedTool } from './tools.ts';
import { openSchemaChecks, type SchemaChecks } from './validate.ts';

/** An MCP server as a `ToolServer` and more: started when it is first needed, and again after it has died. */
export function openMcpServer(options: McpServerOptions): McpServerFace {
  return new McpServer(options);
}

/** The same for a server at an address, which somebody else runs. Throws for an address that is not allowed. */
export function openHttpServer({ url, headers, surroundings, ...shared }: HttpServerOptions): McpServerFace {
  const { signIns } = surroundings;
  return openMcpServer({
    ...shared,
    http: {
      url,
      openAddress: (address) => surroundings.openAddress(address),
      ...(headers ? { headers } : {}),
      ...(signIns ? { signIns } : {}),
    },
  });
}

class McpServer implements McpServerFace {
  readonly name: string;
  readonly #options: McpServerOptions;
  readonly #checks: SchemaChecks;
  readonly #answerers: Answerers;
  readonly #connection: Connection;
  readonly #catalogue: Catalogue;
  readonly #changes = new Changes();
  readonly #messages = new ServerMessages();
  readonly #toolsChanged = new Emitter<undefined>();
  readonly #resourcesChanged = new Emitter<undefined>();
  readonly #promptsChanged = new Emitter<undefined>();
  readonly #resourceUpdated = new Emitter<string>();
  readonly onDidChangeState: Event<McpServerState>;
  readonly onDidChangeTools: Event<void> = this.#toolsChanged.event;
  readonly onDidChangeResources: Event<void> = this.#resourcesChanged.event;
  readonly onDidChangePrompts: Event<void> = this.#promptsChanged.event;
  readonly onDidUpdateResource = this.#resourceUpdated.event;
  readonly onDidLog = this.#messages.onDidLog;

  constructor(options: McpServerOptions) {
    const { name, eras, elicit, sample, roots, idleMs, effectOf } = options;
    this.name = name;
    this.#options = options;
    this.#checks = options.checks ?? openSchemaChecks();
    this.#answerers = {
      server: name,
      checks: this.#checks,
      ...(elicit ? { elicit } : {}),
      ...(sample ? { sample } : {}),
      ...(roots ? { roots: roots.map(toRoot) } : {}),
    };
    this.#connection = new Connection({
      name,
      access: 'launch' in options ? { launch: options.launch } : { http: openHttpSource(name, options.http) },
      answerers: this.#answerers,
      eras,
      idleMs,
      onStray: (text) => this.#messages.add('warning', text),
      prepare: (session) => this.#prepare(session),
      onSession: (session) => this.#changes.begin(session, this.#messages),
    });
    this.#catalogue = openCatalogue({
      name,
      effectOf,
      checks: this.#checks,
      connection: this.#connection,
      isTold: (session) => this.#changes.watchesTools(session),
    });
    this.onDidChangeState = this.#connection.onDidChangeState;
  }

  get state(): McpServerState {
    return this.#connection.state;
  }

  get heldBack(): readonly HeldTool[] {
    return this.#catalogue.held;
  }

  get messages(): readonly ServerMessage[] {
    return this.#messages.list;
  }

  list(signal: AbortSignal): Promise<readonly Tool[]> {
    return this.#catalogue.tools(signal);
  }

  isAdded(tool: string): boolean {
    return this.#catalogue.isAdded(tool);
  }

  async call(tool: string, call: ToolCall): Promise<ToolResult> {
    await this.#catalogue.tools(call.signal);
    const local = tool.slice(this.name.length + 1);
    if (this.isAdded(tool)) return this.#withUse(undefined, await callAddedTool(local, this, call), []);
    const listed = this.#catalogue.get(tool);
    const { callLimitMs, callLongestMs = 10 * callLimitMs } = this.#options;
    const connections: EgressConnection[] = [];
    let used: { readonly session: Session; readonly killsBefore: number } | undefined;
    try {
      const told = await this.#connection.use(call.signal, async (session) => {
        used = { session, killsBefore: session.memoryKills() };
        const watching = session.link.process?.onConnection?.((one) => {
          if (connections.length < mostConnections) connections.push(one);
        });
        try {
          const result = await callTool(session, {
            call,
            name: listed?.wire.name ?? local,
            wire: listed?.wire,
            limitMs: callLimitMs,
            longestMs: callLongestMs,
            answerers: this.#answerers,
          });
          return this.#told(result, { listed, call, memoryKilled: session.memoryKills() > used.killsBefore });
        } finally {
          watching?.dispose();
        }
      });
      return this.#withUse(used?.session, told, connections);
    } catch (error) {
      call.signal.throwIfAborted();
      if (!used) throw error;
      const failure = { error, tool, killsBefore: used.killsBefore, limitMs: callLimitMs };
      const told = await explain(used.session, this.#connection, failure);
      return this.#withUse(used.session, told, connections);
    }
  }

  #told(
    result: CallToolResult,
    {
      listed,
      call,
      memoryKilled,
    }: {
      readonly listed: ListedTool | undefined;
      readonly call: ToolCall;
      readonly memoryKilled: boolean;
    },
  ): ToolResult {
    const { told, notes } = toolResultOf(result, {
      outputSchema: listed?.tool.outputSchema,
      checks: this.#checks,
      memoryKilled,
    });
    for (const note of notes) {
      call.onNote?.('warning', note);
      this.#messages.add('warning', `${listed?.tool.name ?? ''}: ${note}`);
    }
    return told;
  }

  describe(signal: AbortSignal): Promise<ServerDescription> {
    return this.#connection.use(signal, ({ client }) => {
      const info = client.getServerVersion();
      const instructions = client.getInstructions();
      return Promise.resolve({
        capabilities: client.getServerCapabilities() ?? {},
        protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
        ...(info ? { info } : {}),
        ...(instructions === undefined ? {} : { instructions }),
      });
    });
  }

  async resources(signal: AbortSignal): Promise<readonly Resource[]> {
    const options = { signal, timeout: this.#options.callLimitMs };
    return this.#ask('list its resources', signal, async ({ client }) =>
      client.getServerCapabilities()?.resources
        ? (await client.listResources(undefined, options)).resources
        : [],
    );
  }

  async resourceTemplates(signal: AbortSignal): Promise<readonly ResourceTemplateType[]> {
    const options = { signal, timeout: this.#options.callLimitMs };
    return this.#ask('list its kinds of resources', signal, async ({ client }) =>
      client.getServerCapabilities()?.resources
        ? (await client.listResourceTemplates(undefined, options)).resourceTemplates
        : [],
    );
  }

  readResource(uri: string, signal: AbortSignal, questions?: QuestionDesk): Promise<ReadResourceResult> {
    return this.#ask(`read ${uri.slice(0, 200)}`, signal, (session) => {
      const params = { uri, _meta: this.#askable(session, questions) };
      return this.#withQuestions(session, signal, questions, (again, options) =>
        session.client.readResource({ ...params, ...again }, options),
      );
    });
  }

  subscribe(uri: string, signal: AbortSignal): Promise<void> {
    return this.#ask('take a subscription', signal, (session) =>
      this.#changes.subscribe(session, uri, this.#messages),
    );
  }

  unsubscribe(uri: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return this.#changes.unsubscribe(this.#connection.session, uri, this.#messages);
  }

  prompts(signal: AbortSignal): Promise<readonly Prompt[]> {
    const options = { signal, timeout: this.#options.callLimitMs };
    return this.#ask('list its prompts', signal, async ({ client }) =>
      client.getServerCapabilities()?.prompts ? (await client.listPrompts(undefined, options)).prompts : [],
    );
  }

  getPrompt(
    name: string,
    args: Readonly<Record<string, string>>,
    signal: AbortSignal,
    questions?: QuestionDesk,
  ): Promise<GetPromptResult> {
    return this.#ask(`give the prompt ${name.slice(0, 200)}`, signal, (session) => {
      const params = { name, arguments: { ...args }, _meta: this.#askable(session, questions) };
      return this.#withQuestions(session, signal, questions, (again, options) =>
        session.client.getPrompt({ ...params, ...again }, options),
      );
    });
  }

  complete(request: CompleteRequestParams, signal: AbortSignal): Promise<CompleteResult> {
    const options = { signal, timeout: this.#options.callLimitMs };
    return this.#ask('complete the text', signal, ({ client }) => client.complete(request, options));
  }

  stop(): Promise<void> {
    return this.#connection.stop();
  }

  async dispose(): Promise<void> {
    await this.#connection.dispose();
    for (const emitter of [this.#toolsChanged, this.#resourcesChanged, this.#promptsChanged])
      emitter.dispose();
    this.#resourceUpdated.dispose();
    this.#messages.dispose();
  }

  #prepare(session: Session): void {
    const listeners = {
      onTools: () => {
        this.#catalogue.forget();
        this.#toolsChanged.fire(undefined);
      },
      onResources: () => this.#resourcesChanged.fire(undefined),
      onPrompts: () => this.#promptsChanged.fire(undefined),
      onResource: (uri: string) => this.#resourceUpdated.fire(uri),
    };
    takeNotices(session, listeners, this.#messages);
  }

  async #ask<T>(what: string, signal: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await this.#connection.use(signal, work);
    } catch (error) {
      signal.throwIfAborted();
      if (isStrataError(error)) throw error;
      throw serverRequestFailed(this.name, what, `${whyOf(error)}.`, error);
    }
  }

  /** A request of which the server may ask something first, outside of any call. */
  #askable({ client }: Session, questions: QuestionDesk | undefined): Record<string, unknown> {
    return askableMeta(client, questions, this.#answerers);
  }

  async #withQuestions<T extends object>(
    session: Session,
    signal: AbortSignal,
    questions: QuestionDesk | undefined,
    send: Parameters<typeof askUntilComplete<T>>[2],
  ): Promise<T> {
    const { callLimitMs } = this.#options;
    const deadline = new Deadline(callLimitMs, callLimitMs);
    const running = {
      deadline,
      signal: AbortSignal.any([signal, deadline.signal]),
      note: () => undefined,
      ...(questions ? { desk: questions } : {}),
    };
    try {
      return await askUntilComplete(session, running, send);
    } finally {
      deadline.dispose();
    }
  }

  #withUse(
    session: Session | undefined,
    result: ToolResult,
    connections: readonly EgressConnection[],
  ): ToolResult {
    const image = session?.link.process?.image ?? this.state.image;
    return {
      ...result,
      use: {
        server: this.name,
        ...(image === undefined ? {} : { image }),
        ...(connections.length > 0 ? { connections } : {}),
      },
    };
  }
}

function toRoot(path: string): { readonly uri: string; readonly name: string } {
  // A path of a Linux container, wherever this runs.
  const uri = `file://${path.split('/').map(encodeURIComponent).join('/')}`;
  return { uri, name: path.split('/').at(-1) ?? path };
}

/** Connections of one call that are recorded with it. */
const mostConnections = 200;
