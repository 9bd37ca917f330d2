import {
  CLIENT_CAPABILITIES_META_KEY,
  isInputRequiredResult,
  LOG_LEVEL_META_KEY,
  ProtocolError,
  TRACEPARENT_META_KEY,
  type CallToolResult,
  type Client,
  type InputRequiredResult,
  type Progress,
  type Tool as McpTool,
} from '@modelcontextprotocol/client';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { QuestionDesk, ToolCall } from '../../core/tools/tool.ts';
import { Deadline } from './deadline.ts';
import { capabilitiesFor } from './handshake.ts';
import type { Answerers } from './questions.ts';
import type { RunningCall, Session } from './session.ts';
import { awaitTask, taskOf } from './tasks.ts';

/** How often a server may ask for more before it answers. */
const rounds = 10;
/** Before a server that only wants to be called again is called again. */
const againMs = 250;
/** The SDK's own limits are too rigid for calls: they do not stand still while a person thinks. */
const noLimitMs = 2 ** 31 - 1;

export interface CallOptions {
  readonly call: ToolCall;
  /** As the server calls it. */
  readonly name: string;
  /** As it listed it, if it has. */
  readonly wire: McpTool | undefined;
  readonly limitMs: number;
  readonly longestMs: number;
  readonly answerers: Answerers;
}

/** The limit of a call was reached without an answer. */
export class CallTimedOut extends Error {
  override readonly name = 'CallTimedOut';
}

/** Calls a tool to its end, through questions, tasks and progress. Throws what the SDK throws, or `CallTimedOut`. */
export async function callTool(session: Session, options: CallOptions): Promise<CallToolResult> {
  const { call } = options;
  const deadline = new Deadline(options.limitMs, options.longestMs);
  const running: RunningCall = {
    deadline,
    signal: AbortSignal.any([call.signal, deadline.signal]),
    note: (level, text) => call.onNote?.(level, text),
    ...(call.questions ? { desk: call.questions } : {}),
    ...(call.context ? { context: call.context } : {}),
  };
  session.calls.add(running);
  try {
    return await withPages(session, running, options);
  } catch (error) {
    call.signal.throwIfAborted();
    if (deadline.expired) throw new CallTimedOut();
    throw error;
  } finally {
    session.calls.delete(running);
    deadline.dispose();
  }
}

/** The protocol's code for it. */
const pagesRequired = -32042;
const pages = z.object({
  elicitations: z.array(z.record(z.string(), z.json())).min(1).max(10),
});

/** 2025-11-25: the call fails until the person has been to some pages, and is then made again. */
async function withPages(
  session: Session,
  running: RunningCall,
  options: CallOptions,
): Promise<CallToolResult> {
  try {
    return await withQuestions(session, running, options);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== pagesRequired) throw error;
    const wanted = pages.safeParse(error.data);
    if (!wanted.success || !(await session.visitPages(wanted.data.elicitations, running))) throw error;
    return await withQuestions(session, running, options);
  }
}

async function withQuestions(
  session: Session,
  running: RunningCall,
  { call, name, wire, answerers }: CallOptions,
): Promise<CallToolResult> {
  const { client } = session;
  const params = {
    name,
    arguments: { ...call.arguments },
    _meta: metaOf(client, call, answerers),
    ...taskParams(client, wire),
  };
  // Without its output schema: the SDK would fail a result that does not fit, where a note does.
  const definition = wire ? { toolDefinition: { name: wire.name, inputSchema: wire.inputSchema } } : {};
  const result = await askUntilComplete(session, running, (again, options) =>
    client.callTool(
      { ...params, ...again },
      {
        ...options,
        ...definition,
        onprogress: (progress) => {
          running.deadline.touch();
          show(progress, call);
        },
      },
    ),
  );
  return finished(session, running, result, call);
}

/** The answers to what a server asked, in its own names. */
interface Again {
  readonly inputResponses?: Readonly<Record<string, JsonObject>>;
  readonly requestState?: string;
}

/** 2026-07-28: a result can ask for something, and the request is then made again with the answers. */
export async function askUntilComplete<T extends object>(
  session: Session,
  running: RunningCall,
  send: (
    again: Again,
    options: { readonly signal: AbortSignal; readonly timeout: number; readonly allowInputRequired: true },
  ) => Promise<T>,
): Promise<T> {
  let again: Again = {};
  for (let round = 0; round <= rounds; round += 1) {
    const options = { signal: running.signal, timeout: noLimitMs, allowInputRequired: true } as const;
    const result: T | InputRequiredResult = await send(again, options);
    if (!isInputRequiredResult(result)) return result;
    const { inputRequests, requestState } = result;
    const asks = inputRequests !== undefined && Object.keys(inputRequests).length > 0;
    if (!asks) await delay(againMs, undefined, { signal: running.signal });
    again = {
      ...(asks ? { inputResponses: await session.answer(inputRequests, running) } : {}),
      ...(requestState === undefined ? {} : { requestState }),
    };
  }
  throw new ProtocolError(-32603, `its server asked more than ${rounds} times before it answered`);
}

async function finished(
  session: Session,
  running: RunningCall,
  result: CallToolResult,
  call: ToolCall,
): Promise<CallToolResult> {
  const task = taskOf(result);
  if (!task) return result;
  return awaitTask(task, {
    client: session.client,
    signal: running.signal,
    onAlive: () => running.deadline.touch(),
    onStatus: (text) => call.onOutput(`${text}\n`),
    answer: (requests) => session.answer(requests, running),
  });
}

function metaOf(client: Client, call: ToolCall, answerers: Answerers): Record<string, unknown> {
  const trace = call.context ? { [TRACEPARENT_META_KEY]: call.context.traceparent } : {};
  if (client.getProtocolEra() !== 'modern') return trace;
  const logs = client.getServerCapabilities()?.logging !== undefined;
  return {
    ...trace,
    ...(logs ? { [LOG_LEVEL_META_KEY]: 'info' } : {}),
    ...askableMeta(client, call.questions, answerers),
  };
}

/** In the newest revision each request says what its caller can be asked. */
export function askableMeta(
  client: Client,
  questions: QuestionDesk | undefined,
  answerers: Answerers,
): Record<string, unknown> {
  if (client.getProtocolEra() !== 'modern') return {};
  const { sample: _, roots: __, ...rest } = answerers;
  return { [CLIENT_CAPABILITIES_META_KEY]: { ...capabilitiesFor(rest), ...questions?.capabilities } };
}

/** 2025-11-25: some tools can be called as tasks only. */
function taskParams(client: Client, wire: McpTool | undefined): { readonly task?: Record<string, never> } {
  const offered = client.getServerCapabilities()?.tasks?.requests?.tools?.call !== undefined;
  return offered && wire?.execution?.taskSupport === 'required' ? { task: {} } : {};
}

/** What a server says is passed on as it is; one that only counts is put into words. */
function show({ message, progress, total }: Progress, call: ToolCall): void {
  call.onProgress?.({
    progress,
    ...(total === undefined ? {} : { total }),
    ...(message === undefined ? {} : { message }),
  });
  if (message !== undefined) call.onOutput(message);
  else call.onOutput(total === undefined ? `${progress}\n` : `${progress} of ${total}\n`);
}
