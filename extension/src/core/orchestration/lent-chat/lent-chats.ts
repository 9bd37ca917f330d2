import { isStrataError } from '../../../base/errors.ts';
import type { BlobId, RunId } from '../../../protocol/run-event.ts';
import type { RoutedReply } from '../../models/provider.ts';
import type { RunEnvironment, RunHandle } from '../run-environment.ts';
import type { RunInput } from '../run-input.ts';
import { recordRequest } from './chat-request.ts';
import type { LentRequest, RecordedRequest } from './chat-request.ts';
import { startChatTurn } from './chat-turn.ts';
import type { ChatTurn, TurnListener } from './chat-turn.ts';
import { withOriginals } from './originals.ts';
import { titleOf } from './title.ts';

export interface LentReply extends RoutedReply {
  readonly run: RunId;
}

/** The routes of a folder for the chats of another program. What is asked is a run like any other. */
export interface LentChats {
  /** Rejects with a `StrataError` that says what to do; an abort of the signal stops the run. */
  ask(request: LentRequest, listener: TurnListener): Promise<LentReply>;
}

/** People are asked before a program's tools do something, and may take their time. */
const WAIT_MS = 15 * 60_000;

export function createLentChats(
  given: RunEnvironment,
  client: string,
  onRun: (handle: RunHandle) => void,
): LentChats {
  const environment = { ...given, log: withOriginals(given.log) };
  /** With the route of each. */
  const turns = new Map<ChatTurn, string>();

  /** A turn whose newest request this one goes on from: with the model's reply to it, and what the tools said. */
  const underWay = ({ route, messages }: LentRequest, ends: readonly BlobId[]): ChatTurn | undefined => {
    const open = new Set(ends.filter((_, at) => messages[at + 1]?.role === 'assistant'));
    for (const [turn, its] of turns) {
      const end = turn.awaits();
      if (its === route && end !== undefined && open.has(end)) return turn;
    }
    return undefined;
  };

  const begin = (request: RecordedRequest, task: string, listener: TurnListener): ChatTurn => {
    const turn = startChatTurn(environment, inputOf(client, request, task), request, listener, WAIT_MS);
    turns.set(turn, request.route);
    const over = (): void => void turns.delete(turn);
    turn.handle.ended.then(over, over);
    onRun(turn.handle);
    return turn;
  };

  return {
    ask: async (request, listener) => {
      const { recorded, ends } = recordRequest(environment.log, request);
      const known = underWay(request, ends);
      const turn = known ?? begin(recorded, titleOf(request.messages), listener);
      const reply = await (known ? known.ask(recorded, listener) : turn.first).catch((error: unknown) => {
        // What it failed with says more than that the run did.
        throw isStrataError(error) && isStrataError(error.cause) ? error.cause : error;
      });
      return { ...reply, run: turn.handle.run };
    },
  };
}

function inputOf(client: string, request: RecordedRequest, task: string): RunInput {
  return { program: { kind: 'chat', client, request }, task, approval: {}, agents: {}, depth: 0 };
}
