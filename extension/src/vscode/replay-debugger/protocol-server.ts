import type { DebugProtocol } from '@vscode/debugprotocol';
import * as z from 'zod';
import { isStrataError, messageOf } from '../../base/errors.ts';
import { argumentsInvalid, requestUnknown } from './errors.ts';

/** The answer to a request, and what comes once it has been sent. */
export interface Answer {
  readonly body?: object;
  readonly after?: () => void;
}

export type Handler = (given: unknown) => Answer | Promise<Answer>;

/** A handler that gets its arguments checked. */
export function handler<T>(schema: z.ZodType<T>, handle: (given: T) => Answer | Promise<Answer>): Handler {
  return (given) => handle(schema.parse(given ?? {}));
}

export type Send = (message: DebugProtocol.ProtocolMessage) => void;

const request = z.object({
  seq: z.number(),
  type: z.literal('request'),
  command: z.string(),
  arguments: z.unknown().optional(),
});

/**
 * The Debug Adapter Protocol's envelope: requests are answered in order, one at a time; whatever a handler throws is the
 * answer to that request, and the session goes on. https://microsoft.github.io/debug-adapter-protocol/specification
 */
export class ProtocolServer {
  readonly #handlers: Readonly<Record<string, Handler>>;
  readonly #send: Send;
  #seq = 0;
  #queue: Promise<void> = Promise.resolve();

  constructor(handlers: Readonly<Record<string, Handler>>, send: Send) {
    this.#handlers = handlers;
    this.#send = send;
  }

  /** Settles when the request has been answered. What is no request is ignored. */
  handle(message: unknown): Promise<void> {
    const parsed = request.safeParse(message);
    if (!parsed.success) return this.#queue;
    const { seq, command, arguments: given } = parsed.data;
    this.#queue = this.#queue.then(() => this.#perform(seq, command, given));
    return this.#queue;
  }

  event(event: string, body: object = {}): void {
    this.#post({ type: 'event', event, body });
  }

  async #perform(requestSeq: number, command: string, given: unknown): Promise<void> {
    const envelope = { type: 'response', request_seq: requestSeq, command };
    let answer: Answer;
    try {
      const handle = Object.hasOwn(this.#handlers, command) ? this.#handlers[command] : undefined;
      if (!handle) throw requestUnknown(command);
      answer = await handle(given);
    } catch (error) {
      this.#post({ ...envelope, success: false, ...failure(command, error) });
      return;
    }
    this.#post({ ...envelope, success: true, ...(answer.body ? { body: answer.body } : {}) });
    answer.after?.();
  }

  #post(message: Readonly<Record<string, unknown>> & { readonly type: string }): void {
    this.#send({ seq: (this.#seq += 1), ...message });
  }
}

function failure(command: string, error: unknown): { readonly message: string; readonly body: object } {
  const known =
    error instanceof z.ZodError ? argumentsInvalid(command, z.prettifyError(error), error) : error;
  const text = isStrataError(known) ? `${known.message} ${known.action}` : messageOf(known);
  // Braces would be read as the names of variables.
  const format = text.replace(/[{}]/g, ' ');
  return { message: text, body: { error: { id: ERROR_ID, format, showUser: !QUIET.has(command) } } };
}

/** The editor asks these by itself at every step, and shows the answer in its place. */
const QUIET = new Set(['stackTrace', 'scopes', 'variables', 'evaluate', 'completions', 'exceptionInfo']);

/** The protocol wants a number; what tells errors apart is their text. */
const ERROR_ID = 1;
