import { Emitter } from '../../base/event.ts';
import type { ApprovalAnswer, ApprovalRequest } from '../../core/orchestration/index.ts';
import type { RunId, StepId } from '../../protocol/run-event.ts';

/**
 * The tool calls that wait for a person, in the order in which they were asked. A call is answered once, in whichever place
 * that happens first; it stays here until then, whatever became of the message that told of it.
 */
export class ApprovalDesk {
  readonly #open = new Map<string, Entry>();
  readonly #changed = new Emitter<ApprovalRequest>();
  /** Told of every call that is asked about, and again when that is over. */
  readonly onDidChange = this.#changed.event;

  /** Rejects with the signal's reason when the run is stopped meanwhile. */
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const key = keyOf(request.run, request.step);
      const close = (): void => {
        signal.removeEventListener('abort', stop);
        this.#open.delete(key);
        this.#changed.fire(request);
      };
      const stop = (): void => {
        close();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', stop, { once: true });
      const answer = (given: ApprovalAnswer): void => {
        close();
        resolve(given);
      };
      this.#open.set(key, { request, answer });
      this.#changed.fire(request);
    });
  }

  get pending(): readonly ApprovalRequest[] {
    return [...this.#open.values()].map(({ request }) => request);
  }

  find(run: RunId, step: StepId): ApprovalRequest | undefined {
    return this.#open.get(keyOf(run, step))?.request;
  }

  /** False when nobody waits for it any more. */
  answer(run: RunId, step: StepId, answer: ApprovalAnswer): boolean {
    const entry = this.#open.get(keyOf(run, step));
    entry?.answer(answer);
    return entry !== undefined;
  }
}

interface Entry {
  readonly request: ApprovalRequest;
  readonly answer: (answer: ApprovalAnswer) => void;
}

function keyOf(run: RunId, step: StepId): string {
  return `${run} ${step}`;
}
