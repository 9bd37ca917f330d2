import {
  ProtocolError,
  specTypeSchemas,
  type CallToolResult,
  type Client,
} from '@modelcontextprotocol/client';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { cleanCallResult, taskMark } from './call-result.ts';
import { fitting } from './spec-type.ts';
import { taskPrefix } from './wire-guard.ts';

const polls = { shortestMs: 50, usualMs: 1000, longestMs: 10_000 };
const cancelLimitMs = 2000;

const task = z.looseObject({
  taskId: z.string().max(1024),
  status: z.enum(['working', 'input_required', 'completed', 'failed', 'cancelled']),
  statusMessage: z.string().optional(),
  /** The newer revision's name, then the older one's. */
  pollIntervalMs: z.number().optional(),
  pollInterval: z.number().optional(),
  inputRequests: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
});
type Task = z.infer<typeof task>;

const anything = z.looseObject({});
const rpcError = z.object({ code: z.number(), message: z.string() });

export interface TaskWaiting {
  readonly client: Client;
  readonly signal: AbortSignal;
  /** It lives: time limits begin anew. */
  readonly onAlive: () => void;
  readonly onStatus: (text: string) => void;
  /** Answers questions by their names; one that was answered is not asked again. */
  readonly answer: (inputRequests: unknown) => Promise<Readonly<Record<string, JsonObject>>>;
}

/** The task that a call was answered with, if it was one. */
export function taskOf(result: CallToolResult): Task | undefined {
  const parsed = task.safeParse(result._meta?.[taskMark]);
  return parsed.success ? parsed.data : undefined;
}

/** Waits for a task's end. When the call is cancelled the task is cancelled too. */
export async function awaitTask(first: Task, waiting: TaskWaiting): Promise<CallToolResult> {
  try {
    return await follow(first, waiting);
  } catch (error) {
    if (waiting.signal.aborted) await cancel(first.taskId, waiting.client);
    throw error;
  }
}

async function follow(first: Task, waiting: TaskWaiting): Promise<CallToolResult> {
  const { client, signal } = waiting;
  const modern = client.getProtocolEra() === 'modern';
  const params = { taskId: first.taskId };
  const answered = new Set<string>();
  let now = first;
  let said: string | undefined;
  for (;;) {
    if (now.statusMessage !== undefined && now.statusMessage !== said) {
      said = now.statusMessage;
      waiting.onStatus(said);
    }
    if (now.status === 'cancelled') throw new ProtocolError(-32603, 'its server cancelled the task');
    if (now.status === 'failed' && modern) throw failureOf(now);
    if (now.status === 'completed' && modern) return resultOf(now.result);
    // The older revision gives the result, or the failure, and asks its questions, in answer to a request of its own.
    if (!modern && now.status !== 'working') return resultOf(await ask('tasks/result', params, waiting));
    if (now.status === 'input_required') await answerNew(now, answered, waiting);
    await delay(interval(now), undefined, { signal });
    now = task.parse(await ask('tasks/get', params, { client, signal }));
    waiting.onAlive();
  }
}

async function answerNew(now: Task, answered: Set<string>, waiting: TaskWaiting): Promise<void> {
  const requests = z.record(z.string(), z.unknown()).safeParse(now.inputRequests).data ?? {};
  const fresh = Object.entries(requests).filter(([key]) => !answered.has(key));
  if (fresh.length === 0) return;
  const inputResponses = await waiting.answer(Object.fromEntries(fresh));
  for (const [key] of fresh) answered.add(key);
  await ask('tasks/update', { taskId: now.taskId, inputResponses }, waiting);
}

function ask(
  method: 'tasks/get' | 'tasks/result' | 'tasks/update' | 'tasks/cancel',
  params: Record<string, unknown>,
  { client, signal }: { readonly client: Client; readonly signal: AbortSignal },
): Promise<Record<string, unknown>> {
  // The signal is the time limit: `tasks/result` may take as long as the task.
  return client.request({ method: `${taskPrefix}${method}`, params }, anything, {
    signal,
    timeout: 2 ** 31 - 1,
  });
}

async function cancel(taskId: string, client: Client): Promise<void> {
  try {
    await ask('tasks/cancel', { taskId }, { client, signal: AbortSignal.timeout(cancelLimitMs) });
  } catch {
    // It may have ended meanwhile, or its server; either way nobody waits for it any more.
  }
}

function resultOf(given: unknown): CallToolResult {
  return fitting(specTypeSchemas.CallToolResult, cleanCallResult(anything.safeParse(given).data ?? {}));
}

function failureOf({ error, statusMessage }: Task): ProtocolError {
  const parsed = rpcError.safeParse(error);
  if (parsed.success) return new ProtocolError(parsed.data.code, parsed.data.message);
  return new ProtocolError(-32603, statusMessage ?? 'its task failed');
}

function interval({ pollIntervalMs, pollInterval }: Task): number {
  const wanted = pollIntervalMs ?? pollInterval ?? polls.usualMs;
  return Math.min(polls.longestMs, Math.max(polls.shortestMs, wanted));
}
