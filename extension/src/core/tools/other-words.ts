import type { Disposable } from '../../base/disposable.ts';
import { isStrataError } from '../../base/errors.ts';
import { expansionQuestion, readExpansion } from '../memory/retrieval/expansion.ts';
import type { Sample } from './sampling.ts';
import type { ToolCall } from './tool.ts';

/** Other words for a question, written by a model; none where nobody may be asked or nothing can be used. */
export type OtherWords = (query: string, call: ToolCall) => Promise<readonly string[]>;

interface OtherWordsParts {
  /** Of the run whose call it is: the model's answer is a part of its step, paid by its budget. */
  readonly sample: Sample;
  /** Whether a person wants it, and a model is configured for it. */
  readonly mayAsk: () => Promise<boolean>;
  readonly after: (ms: number, callback: () => void) => Disposable;
}

/** Small models are enough for it, and quick. */
export const EXPANSION_ROUTE = 'fast';
/** The agent waits for it, and has what the keywords found. */
const LIMIT_MS = 20_000;

/**
 * Asks a model in the course of a call. Whatever comes of it the search goes on: what was written, or why nothing was, is
 * noted in the step. Only the end of the call itself is thrown.
 */
export function askForOtherWords({ sample, mayAsk, after }: OtherWordsParts): OtherWords {
  return async (query, call) => {
    const { context, signal, onNote = () => undefined } = call;
    const without = (level: 'info' | 'warning', why: string): readonly string[] => {
      onNote(level, `Searched by the words of the question alone: ${why}`);
      return [];
    };
    // Nobody could pay for it.
    if (!context) return [];
    const late = new AbortController();
    const timer = after(LIMIT_MS, () => late.abort());
    try {
      if (!(await mayAsk())) return [];
      const { system, user, maxTokens } = expansionQuestion(query);
      const answer = await sample(
        {
          server: 'memory',
          route: EXPANSION_ROUTE,
          systemPrompt: system,
          messages: [{ role: 'user', content: [{ type: 'text', text: user }] }],
          maxTokens,
          modelHints: [],
          context,
        },
        AbortSignal.any([signal, late.signal]),
      );
      if (answer.kind === 'refused') return without('info', answer.reason);
      const words = readExpansion(answer.text, query);
      if (words.length === 0)
        return without('warning', `${answer.model} wrote nothing that can be searched for.`);
      onNote(
        'info',
        `Few words of the question were found. ${answer.model} wrote: ${words.map(quoted).join(', ')}.`,
      );
      return words;
    } catch (error) {
      signal.throwIfAborted();
      if (late.signal.aborted) return without('warning', `no model answered within ${LIMIT_MS / 1_000} s.`);
      if (!isStrataError(error)) throw error;
      return without('warning', error.message);
    } finally {
      timer.dispose();
    }
  };
}

function quoted(words: string): string {
  return `“${words.replace(/\s+/g, ' ')}”`;
}
