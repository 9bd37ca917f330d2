import type { RunView } from '../../../protocol/run-view.ts';
import type { RoutedReply } from '../../models/provider.ts';
import { fromPayload } from '../payload.ts';
import type { RunLog } from '../ports.ts';
import type { RunInput } from '../run-input.ts';
import { requestSchema } from './request-schema.ts';
import type { RecordedRequest } from './chat-request.ts';

/** Whoever waits for the answer to a request. */
export interface ChatListener {
  readonly onText: (text: string) => void;
  readonly onReasoning: (text: string) => void;
  readonly settle: (reply: RoutedReply) => void;
}

/** What comes in from outside, for the program of a chat's run. */
export interface Chats {
  /**
   * The next request of the same turn: its tools have been called, and this is what they said. Undefined when nobody asks
   * any more. Rejects with the signal's reason.
   */
  next(signal: AbortSignal): Promise<RecordedRequest | undefined>;
  /** Of the newest request. */
  readonly listener: ChatListener | undefined;
}

/** The requests of a chat's run: those that come in, or where nobody asks any more those that were recorded. */
export function chatsOf(
  { program }: RunInput,
  live: Chats | undefined,
  log: Pick<RunLog, 'getBlob'>,
  view: RunView,
): Chats | undefined {
  return program.kind === 'chat' ? (live ?? recordedChats(log, view)) : undefined;
}

/** The first request stands in the input of the run. */
function recordedChats(log: Pick<RunLog, 'getBlob'>, view: RunView): Chats {
  const left = view.steps
    .filter(({ kind }) => kind === 'chat')
    .slice(1)
    .map(({ input }) => requestSchema.parse(fromPayload(log, input)));
  return { next: () => Promise.resolve(left.shift()), listener: undefined };
}
