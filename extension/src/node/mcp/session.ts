import { ProtocolError, specTypeSchemas, type Client } from '@modelcontextprotocol/client';
import * as z from 'zod';
import { messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { QuestionDesk, CallContext, ServerQuestion } from '../../core/tools/tool.ts';
import type { Deadline } from './deadline.ts';
import type { Link } from './link.ts';
import {
  answerQuestion,
  answerQuestions,
  parseQuestions,
  type Answerers,
  type AskingCall,
} from './questions.ts';
import { fitting } from './spec-type.ts';

/** A call that is under way at a server. */
export interface RunningCall {
  readonly deadline: Deadline;
  readonly signal: AbortSignal;
  readonly desk?: QuestionDesk;
  readonly context?: CallContext;
  readonly note: (level: 'info' | 'warning', text: string) => void;
}

const json: z.ZodType<JsonObject> = z.record(z.string(), z.json());

/** How long the page that a person was sent to may take them. */
const pageLimitMs = 5 * 60_000;

/** One connection to a server, from its handshake to its end. */
export class Session {
  readonly link: Link;
  readonly client: Client;
  readonly calls = new Set<RunningCall>();
  /** Requests of other kinds that are under way. */
  requests = 0;
  /** Ended as soon as its last call is done; nothing new begins. */
  retiring = false;
  readonly #answerers: Answerers;
  readonly #pages = new Map<string, () => void>();
  readonly #lost: AbortController = new AbortController();

  constructor(link: Link, client: Client, answerers: Answerers) {
    this.link = link;
    this.client = client;
    this.#answerers = answerers;
    this.#takeQuestions();
  }

  get isBusy(): boolean {
    return this.calls.size > 0 || this.requests > 0;
  }

  /** Aborted when the connection is gone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  memoryKills(): number {
    return this.link.process?.outOfMemoryKills() ?? 0;
  }

  async close(): Promise<void> {
    this.#lost.abort(new Error('The connection to the server was closed.'));
    await this.link.close();
    await this.client.close();
  }

  /** Answers what a call is asked in its result. A refusal is the failure of the call. */
  async answer(given: unknown, call: RunningCall): Promise<Readonly<Record<string, JsonObject>>> {
    try {
      const questions = parseQuestions(given);
      // Sampling and roots are gone from the revisions that ask this way.
      const { sample: _, roots: __, ...answerers } = this.#answerers;
      return await call.deadline.pausedFor(() => answerQuestions(questions, call, answerers));
    } catch (error) {
      call.signal.throwIfAborted();
      throw asProtocolError(error);
    }
  }

  /** Sends a person to pages, and waits until the server says that they are done with them. False when they are not. */
  async visitPages(pages: readonly JsonObject[], call: RunningCall): Promise<boolean> {
    return call.deadline.pausedFor(async () => {
      for (const params of pages) {
        const { elicitationId } = params;
        const done =
          typeof elicitationId === 'string' ? this.#pageDone(elicitationId, call.signal) : undefined;
        const answer = await answerQuestion({ method: 'elicitation/create', params }, call, this.#answerers);
        if (answer['action'] !== 'accept') return false;
        await done;
      }
      return true;
    });
  }

  pageIsDone(elicitationId: string): void {
    this.#pages.get(elicitationId)?.();
  }

  #pageDone(elicitationId: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const until = AbortSignal.any([signal, AbortSignal.timeout(pageLimitMs)]);
      const done = () => {
        this.#pages.delete(elicitationId);
        resolve();
      };
      this.#pages.set(elicitationId, done);
      until.addEventListener('abort', done, { once: true });
    });
  }

  /** The older revisions ask by requests of their own. */
  #takeQuestions(): void {
    const { elicit, sample, roots } = this.#answerers;
    if (elicit)
      this.client.setRequestHandler('elicitation/create', async ({ params }, { mcpReq }) => {
        const question: ServerQuestion = { method: 'elicitation/create', params: json.parse(params) };
        return fitting(specTypeSchemas.ElicitResult, await this.#answerOne(question, mcpReq.signal));
      });
    if (sample)
      this.client.setRequestHandler('sampling/createMessage', async ({ params }, { mcpReq }) => {
        const question: ServerQuestion = { method: 'sampling/createMessage', params: json.parse(params) };
        return fitting(specTypeSchemas.CreateMessageResult, await this.#answerOne(question, mcpReq.signal));
      });
    if (roots)
      this.client.setRequestHandler('roots/list', async (_, { mcpReq }) => {
        const answer = await this.#answerOne({ method: 'roots/list', params: {} }, mcpReq.signal);
        return fitting(specTypeSchemas.ListRootsResult, answer);
      });
  }

  async #answerOne(question: ServerQuestion, signal: AbortSignal): Promise<JsonObject> {
    const calls = [...this.calls];
    // They do not say for which call they ask, so every one waits.
    const waiting = calls.reduce<() => Promise<JsonObject>>(
      (inner, call) => () => call.deadline.pausedFor(inner),
      () => answerQuestion(question, asking(calls, AbortSignal.any([signal, this.lost])), this.#answerers),
    );
    try {
      return await waiting();
    } catch (error) {
      throw asProtocolError(error);
    }
  }
}

/** The call that asks, as far as it can be told among those that are under way: what is common to all of them. */
function asking(calls: readonly RunningCall[], signal: AbortSignal): AskingCall {
  const [first, ...others] = calls;
  if (!first) return { signal };
  const { desk, context } = first;
  const one = others.length === 0;
  return {
    signal: one ? AbortSignal.any([signal, first.signal]) : signal,
    ...(desk && others.every((call) => call.desk === desk) ? { desk } : {}),
    ...(context && others.every((call) => call.context?.run === context.run) ? { context } : {}),
  };
}

function asProtocolError(error: unknown): ProtocolError {
  return error instanceof ProtocolError ? error : new ProtocolError(-32603, messageOf(error));
}
