import type { BlobId } from '../../../protocol/run-event.ts';
import type { RoutedReply } from '../../models/provider.ts';
import { RunStopped } from '../errors.ts';
import type { RunEnvironment, RunHandle } from '../run-environment.ts';
import type { RunInput } from '../run-input.ts';
import { startRun } from '../run.ts';
import type { RecordedRequest } from './chat-request.ts';
import type { ChatListener, Chats } from './chats.ts';

export interface TurnListener {
  readonly signal: AbortSignal;
  readonly onText: (text: string) => void;
  readonly onReasoning: (text: string) => void;
}

/** A turn of another program's chat that is under way, as a run. */
export interface ChatTurn {
  readonly handle: RunHandle;
  /** The answer to the first request. */
  readonly first: Promise<RoutedReply>;
  /** What it was asked last, while it waits for what the program's tools said; undefined when it waits for nothing. */
  awaits(): BlobId | undefined;
  /** To be called while it waits. Rejects with what the run ended with. */
  ask(request: RecordedRequest, listener: TurnListener): Promise<RoutedReply>;
}

interface Waiting {
  readonly since: RecordedRequest;
  readonly goOn: (next: RecordedRequest | undefined) => void;
}

/**
 * Starts the run of a turn with its first request. When the program does not come back with what its tools said within
 * `waitMs`, the run ends with the answer that it has.
 */
export function startChatTurn(
  environment: RunEnvironment,
  input: RunInput,
  request: RecordedRequest,
  listener: TurnListener,
  waitMs: number,
): ChatTurn {
  let newest = request;
  let waiting: Waiting | undefined;
  let listening: ChatListener | undefined;
  let reject: (error: Error) => void = () => undefined;

  const listen = (to: TurnListener): Promise<RoutedReply> =>
    new Promise((resolve, fail) => {
      const stop = (): void => handle.stop();
      const done = (): void => to.signal.removeEventListener('abort', stop);
      reject = (error) => {
        done();
        fail(error);
      };
      listening = {
        onText: to.onText,
        onReasoning: to.onReasoning,
        settle: (reply) => {
          done();
          resolve(reply);
        },
      };
      to.signal.addEventListener('abort', stop);
      if (to.signal.aborted) stop();
    });

  const next: Chats['next'] = (signal) =>
    new Promise((resolve, fail) => {
      const end = (): void => {
        waiting = undefined;
        timer.dispose();
        signal.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        end();
        fail(signal.reason as Error);
      };
      const goOn = (given: RecordedRequest | undefined): void => {
        end();
        resolve(given);
      };
      const timer = environment.after(waitMs, () => goOn(undefined));
      waiting = { since: newest, goOn };
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });

  const chats: Chats = {
    next,
    get listener() {
      return listening;
    },
  };
  const handle = startRun(
    {
      ...environment,
      open: async (run, given, view) => ({ ...(await environment.open(run, given, view)), chats }),
    },
    input,
  );
  const first = listen(listener);
  void handle.ended.then(
    ({ error }) => reject(asError(error)),
    (error: unknown) => reject(asError(error)),
  );

  return {
    handle,
    first,
    awaits: () => waiting?.since.conversation,
    ask: (given, to) => {
      newest = given;
      const answer = listen(to);
      waiting?.goOn(given);
      return answer;
    },
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new RunStopped();
}
