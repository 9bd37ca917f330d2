import { Client, ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/client/validators/cf-worker';
import { isStrataError, messageOf } from '../../base/errors.ts';
import type { Tool, ToolCall, ToolResult, ToolServer } from '../../core/tools/tool.ts';
import { serverNotStarted } from './errors.ts';
import { LineTransport } from './line-transport.ts';
import { failed, toToolResult } from './result.ts';
import type { ProcessEnd, ServerLauncher, ServerProcess } from './server-process.ts';
import { toTool, type EffectOf } from './tools.ts';

export interface McpServerOptions {
  readonly name: string;
  readonly launch: ServerLauncher;
  readonly effectOf: EffectOf;
  /** Time limit of one call. */
  readonly callLimitMs: number;
}

const handshakeLimitMs = 30_000;
/** How long an error is held back for the reason of the server's death. */
const reasonLimitMs = 5000;

interface Session {
  readonly process: ServerProcess;
  readonly transport: LineTransport;
  readonly client: Client;
}

interface Failure {
  readonly error: unknown;
  /** Memory kills when the call began. */
  readonly killsBefore: number;
}

/** An MCP server as a `ToolServer`: started when it is first needed, and again after it has died. */
export function openMcpServer(options: McpServerOptions): ToolServer {
  return new McpServer(options);
}

class McpServer implements ToolServer {
  readonly name: string;
  readonly #options: McpServerOptions;
  readonly #life = new AbortController();
  #session: Promise<Session> | undefined;
  #tools: readonly Tool[] | undefined;

  constructor(options: McpServerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async list(signal: AbortSignal): Promise<readonly Tool[]> {
    if (this.#tools) return this.#tools;
    const session = await this.#ensure(signal);
    try {
      const { tools } = await session.client.listTools(undefined, { signal, timeout: handshakeLimitMs });
      this.#tools = tools.map((tool) => toTool(this.name, tool, this.#options.effectOf));
      return this.#tools;
    } catch (error) {
      signal.throwIfAborted();
      const end = await this.#discard(session);
      if (end?.kind === 'engine-gone') throw end.error;
      throw serverNotStarted(this.name, `${reasonOf(session, end) ?? messageOf(error)}.`, error);
    }
  }

  async call(tool: string, call: ToolCall): Promise<ToolResult> {
    const session = await this.#ensure(call.signal);
    const killsBefore = session.process.outOfMemoryKills();
    try {
      const result = await session.client.callTool(
        { name: tool.slice(this.name.length + 1), arguments: { ...call.arguments } },
        {
          signal: call.signal,
          timeout: this.#options.callLimitMs,
          onprogress: ({ message }) => {
            if (message !== undefined) call.onOutput(message);
          },
        },
      );
      return withMemoryNote(toToolResult(result), session.process.outOfMemoryKills() > killsBefore);
    } catch (error) {
      call.signal.throwIfAborted();
      return this.#explain(session, tool, { error, killsBefore });
    }
  }

  async dispose(): Promise<void> {
    this.#life.abort(new Error(`The tool server ${this.name} was disposed of.`));
    const session = await this.#session?.catch(() => undefined); // A start that failed has left nothing.
    this.#session = undefined;
    if (session) await close(session);
  }

  /** A call that got no result: the reason is an answer for the model, unless the engine itself has gone. */
  async #explain(session: Session, tool: string, { error, killsBefore }: Failure): Promise<ToolResult> {
    if (error instanceof ProtocolError) return failed(`${tool} failed: ${error.message}`);
    const code = error instanceof SdkError ? error.code : undefined;
    if (code === SdkErrorCode.InvalidResult)
      return failed(`${tool} answered with something that is no tool result: ${messageOf(error)}`);
    if (code === SdkErrorCode.RequestTimeout) {
      const end = await this.#discard(session);
      if (end?.kind === 'engine-gone') throw end.error;
      const seconds = this.#options.callLimitMs / 1000;
      return failed(
        `${tool} timed out after ${seconds} s. Its server was stopped and starts anew with the next call.`,
      );
    }
    const end = await this.#discard(session);
    if (end?.kind === 'engine-gone') throw end.error;
    const reason = reasonOf(session, end, killsBefore) ?? messageOf(error);
    return failed(`${tool} got no answer: ${reason}. Its server starts anew with the next call.`);
  }

  #ensure(signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    this.#life.signal.throwIfAborted();
    if (this.#session) return this.#session;
    const started = this.#start(AbortSignal.any([signal, this.#life.signal]));
    this.#session = started;
    const forget = () => {
      if (this.#session === started) this.#session = undefined;
    };
    started.then(({ process }) => void process.ended.then(forget), forget);
    return started;
  }

  async #start(signal: AbortSignal): Promise<Session> {
    const process = await this.#options.launch(this.name, signal);
    const transport = new LineTransport(process);
    const client = new Client(
      { name: 'strata', version: '0.1.0' },
      {
        versionNegotiation: { mode: 'auto', probe: { timeoutMs: 10_000 } },
        jsonSchemaValidator: new CfWorkerJsonSchemaValidator(),
        inputRequired: { autoFulfill: false },
      },
    );
    const session = { process, transport, client };
    try {
      await client.connect(transport, { signal, timeout: handshakeLimitMs });
      return session;
    } catch (error) {
      const end = await endWithin(session, reasonLimitMs);
      await close(session);
      signal.throwIfAborted();
      if (end?.kind === 'engine-gone') throw end.error;
      if (isStrataError(error)) throw error;
      throw serverNotStarted(this.name, `${reasonOf(session, end) ?? messageOf(error)}.`, error);
    }
  }

  /** Ends a session that is of no use any more, and says how its process ended if that was not our doing. */
  async #discard(session: Session): Promise<ProcessEnd | undefined> {
    await this.#forget(session);
    const end = await endWithin(session, reasonLimitMs);
    await close(session);
    return end ?? (await session.process.ended);
  }

  /** Unless another call has forgotten it already, and a new one is on its way. */
  async #forget(session: Session): Promise<void> {
    const current = this.#session;
    const known = await current?.catch(() => undefined); // A start that failed forgets itself.
    if (known === session && this.#session === current) this.#session = undefined;
  }
}

async function close({ client, process }: Session): Promise<void> {
  await client.close();
  await process.stop();
}

/** How the process ended, when its output has ended and so it will have; a process that still runs is not waited for. */
async function endWithin({ process }: Session, limitMs: number): Promise<ProcessEnd | undefined> {
  const limit = process.output.readableEnded || process.output.destroyed ? limitMs : 200;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), limit)));
  return Promise.race([process.ended, late]).finally(() => clearTimeout(timer));
}

function reasonOf(
  { transport, process }: Session,
  end: ProcessEnd | undefined,
  killsBefore = 0,
): string | undefined {
  if (transport.failure) return `the server was stopped because ${transport.failure}`;
  const errors = transport.errors === '' ? '' : ` (${transport.errors.slice(-500)})`;
  switch (end?.kind) {
    case 'exited':
      if (end.signal !== undefined) return `the server was killed by ${end.signal}${errors}`;
      if (end.code === 137 && process.outOfMemoryKills() > killsBefore) {
        return `the server ran out of memory (its limit is ${Math.round((process.memoryLimitBytes ?? 0) / 1024 / 1024)} MiB)`;
      }
      if (end.code === 137) return `the server was killed${errors}`;
      return `the server ended with exit code ${end.code ?? 'unknown'}${errors}`;
    default:
      return undefined;
  }
}

function withMemoryNote(result: ToolResult, killed: boolean): ToolResult {
  if (!killed) return result;
  const text = '[A process was killed because it ran out of memory.]';
  return { ...result, content: [...result.content, { type: 'text', text }] };
}
