import type { JsonObject } from '../../../base/json.ts';
import type { Tool, ToolCall, ToolResult } from '../../tools/tool.ts';
import { RunStopped } from '../errors.ts';
import { createGate } from './gate.ts';

/** A call of another program. */
export interface IncomingCall {
  readonly kind: 'call';
  readonly tool: string;
  readonly arguments: JsonObject;
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal;
  readonly caller: Caller;
  readonly settle: (result: ToolResult) => void;
}

/** What the caller is told and asked while the call goes on. */
export type Caller = Partial<Pick<ToolCall, 'onOutput' | 'onProgress' | 'questions'>>;

export type Incoming =
  | IncomingCall
  /** The tools that there are have changed. */
  | { readonly kind: 'tools' }
  /** The user's files are this tree now. */
  | { readonly kind: 'files'; readonly tree: string };

/** In what way a step is taken: as soon as it is asked for, side by side with others, or with the files to itself. */
export type Stage = 'approval' | 'beside' | 'alone';

/** What comes in from outside, for the program of a gateway's run. */
export interface Calls {
  /** Undefined when nothing comes any more. Rejects with the signal's reason. */
  next(signal: AbortSignal): Promise<Incoming | undefined>;
  /** Has a step asked for when it is its turn; `ask` must ask for it before it returns. */
  inTurn<T>(incoming: Incoming, stage: Stage, ask: () => Promise<T>): Promise<T>;
  /** The tools that the run has found. */
  offered(tools: readonly Tool[]): void;
}

/** The outer end of `Calls`. */
export interface CallQueue {
  readonly calls: Calls;
  call(
    tool: string,
    args: JsonObject,
    options: { readonly signal: AbortSignal; readonly caller: Caller },
  ): Promise<ToolResult>;
  push(incoming: Exclude<Incoming, IncomingCall>): void;
  /** Nothing comes after this; calls under way are called off by their own signals. */
  close(): void;
  /** What is still unanswered will not be answered, since the run has ended. */
  fail(error: unknown): void;
}

export function createCallQueue(onTools: (tools: readonly Tool[]) => void): CallQueue {
  const gate = createGate();
  const waiting: Incoming[] = [];
  const unanswered = new Set<(error: unknown) => void>();
  let closed = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => undefined;

  const push = (incoming: Incoming): void => {
    if (closed) return;
    waiting.push(incoming);
    wake();
  };

  return {
    calls: {
      next: (signal) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (waiting.length === 0 && !closed && !signal.aborted) return;
            wake = () => undefined;
            signal.removeEventListener('abort', look);
            if (signal.aborted) reject(signal.reason as Error);
            else resolve(waiting.shift());
          };
          wake = look;
          signal.addEventListener('abort', look);
          look();
        }),
      inTurn: (_incoming, stage, ask) => (stage === 'approval' ? ask() : gate[stage](ask)),
      offered: onTools,
    },
    push,
    call: (tool, args, { signal, caller }) =>
      new Promise((resolve, reject) => {
        if (failure ?? closed) {
          reject(failure ? asError(failure.error) : new RunStopped());
          return;
        }
        unanswered.add(reject);
        const settle = (result: ToolResult): void => {
          unanswered.delete(reject);
          resolve(result);
        };
        push({ kind: 'call', tool, arguments: args, signal, caller, settle });
      }),
    close: () => {
      closed = true;
      wake();
    },
    fail: (error) => {
      closed = true;
      failure = { error };
      for (const reject of unanswered) reject(error);
      unanswered.clear();
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new RunStopped();
}
