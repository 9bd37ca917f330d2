import { inputRequired, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type {
  InputRequests,
  InputRequiredResult,
  RequestStateCodec,
  Server,
  ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { QuestionDesk } from '../../core/tools/index.ts';
import { openCall } from './open-call.ts';
import type { OpenCall, Questions } from './open-call.ts';
import { askDirectly, capabilitiesOf, usableAnswers } from './questions.ts';
import type { Answer, Scope } from './scope.ts';

export type Perform<T> = (questions: QuestionDesk, signal: AbortSignal) => Promise<T>;

const ticketSchema = z.object({ ticket: z.string() });
export type Ticket = z.infer<typeof ticketSchema>;

/** An MCP server that serves a scope to a client. */
export interface Served {
  readonly scope: Scope;
  readonly server: Server;
  readonly codec: RequestStateCodec<Ticket>;
}

/**
 * Answers a request whose server may have questions first. Older clients are asked while they wait; in the newest revision
 * the questions are the answer, and the client comes back with its own.
 */
export async function withQuestions<T extends Answer>(
  served: Served,
  context: ServerContext,
  /** What is asked for: a ticket is good for the same request alone. */
  what: string,
  perform: Perform<T>,
): Promise<T | InputRequiredResult> {
  const { scope, server } = served;
  const capabilities = capabilitiesOf(context, server);
  const signal = AbortSignal.any([context.mcpReq.signal, scope.life()]);
  if (context.mcpReq.envelope === undefined)
    return perform({ capabilities, ask: askDirectly(context) }, signal);

  const ticket = ticketSchema.safeParse(context.mcpReq.requestState());
  const call = ticket.success
    ? (scope.parked.fetch(ticket.data.ticket, what) as OpenCall<T> | undefined)
    : openCall<T>(capabilities, perform);
  if (!call)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      'This call does not wait for answers any more. Call again without a requestState.',
    );
  return goOn(served, context, what, call, signal);
}

async function goOn<T extends Answer>(
  { scope, codec }: Served,
  context: ServerContext,
  what: string,
  call: OpenCall<T>,
  signal: AbortSignal,
): Promise<T | InputRequiredResult> {
  const abort = (): void => call.abort(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    let turn = await call.next();
    if (turn.kind === 'asked' && context.mcpReq.inputResponses) {
      call.answer(usableAnswers(context.mcpReq.inputResponses, turn.questions));
      turn = await call.next();
    }
    if (turn.kind === 'done') return turn.result;
    const ticket = scope.parked.park(call, what);
    return inputRequired({
      inputRequests: requestsOf(turn.questions),
      requestState: await codec.mint({ ticket }, context),
    });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The words are the server's own, and the SDK looks at them before they leave. */
function requestsOf(questions: Questions): InputRequests {
  return structuredClone(questions) as unknown as InputRequests;
}
