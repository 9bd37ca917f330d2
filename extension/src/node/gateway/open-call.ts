import type { JsonObject } from '../../base/json.ts';
import type { QuestionDesk, ServerQuestion } from '../../core/tools/index.ts';

export type Questions = Readonly<Record<string, ServerQuestion>>;
export type Answers = Readonly<Record<string, JsonObject>>;

/** What happens next to a call: it ends, or its server has questions first. */
export type Turn<T> =
  { readonly kind: 'done'; readonly result: T } | { readonly kind: 'asked'; readonly questions: Questions };

/**
 * A call that may have questions before it ends. In the newest revision of the protocol they are the answer to a request,
 * and what the client says to them comes with another one: in between, the call waits here.
 */
export interface OpenCall<T> {
  /** Rejects with what the call failed with. */
  next(): Promise<Turn<T>>;
  /** Answers may come in parts; what is still unanswered is asked again. */
  answer(answers: Answers): void;
  /** Nobody will answer. */
  abort(reason: Error): void;
  readonly signal: AbortSignal;
}

export function openCall<T>(
  capabilities: JsonObject,
  perform: (questions: QuestionDesk, signal: AbortSignal) => Promise<T>,
): OpenCall<T> {
  const life = new AbortController();
  let asked: { readonly questions: Questions; readonly resolve: (answers: Answers) => void } | undefined;
  let given: Answers = {};
  let wake = (): void => undefined;
  /** A server may have several calls of its own open, and asks for each; the client is asked for one after another. */
  let last: Promise<unknown> = Promise.resolve();

  const ask: QuestionDesk['ask'] = (questions, signal) => {
    const turn = last.then(
      () =>
        new Promise<Answers>((resolve, reject) => {
          signal.throwIfAborted();
          life.signal.throwIfAborted();
          const abort = (): void => reject((signal.aborted ? signal : life.signal).reason as Error);
          signal.addEventListener('abort', abort, { once: true });
          life.signal.addEventListener('abort', abort, { once: true });
          given = {};
          asked = { questions, resolve };
          wake();
        }),
    );
    last = turn.then(
      () => (asked = undefined),
      () => (asked = undefined),
    );
    return turn;
  };

  const result = perform({ capabilities, ask }, life.signal);
  const ended = result.then(
    () => true,
    () => true,
  );
  return {
    signal: life.signal,
    next: async () => {
      while (!asked) {
        const news = new Promise<false>((resolve) => (wake = () => resolve(false)));
        if (await Promise.race([ended, news])) return { kind: 'done', result: await result };
      }
      const { questions } = asked;
      const left = Object.entries(questions).filter(([key]) => !(key in given));
      return { kind: 'asked', questions: Object.fromEntries(left) };
    },
    answer: (answers) => {
      if (!asked) return;
      const known = Object.entries(answers).filter(([key]) => asked && key in asked.questions);
      given = { ...given, ...Object.fromEntries(known) };
      if (Object.keys(asked.questions).some((key) => !(key in given))) return;
      const { resolve } = asked;
      asked = undefined;
      resolve(given);
    },
    abort: (reason) => life.abort(reason),
  };
}
