import type { Disposable } from '../../base/disposable.ts';
import type { Sample } from './sampling.ts';
import type { CallContext } from './tool.ts';

/** Brings a server's wish for a model's answer to the step in whose course it has it, since only a step can pay for it. */
export interface SamplingDesk {
  /** For the servers. */
  readonly sample: Sample;
  /** Wishes of the calls of this step are answered by `answer` until it is disposed of. */
  serve(step: Pick<CallContext, 'run' | 'step'>, answer: Sample): Disposable;
}

export function createSamplingDesk(): SamplingDesk {
  const open = new Map<string, Sample>();
  return {
    sample: (request, signal) => {
      const { context } = request;
      const answer = context && open.get(keyOf(context));
      if (answer) return answer(request, signal);
      const reason = 'No run that could pay for the answer of a model is waiting for this server.';
      return Promise.resolve({ kind: 'refused', reason });
    },
    serve: (step, answer) => {
      const key = keyOf(step);
      open.set(key, answer);
      return { dispose: () => void open.delete(key) };
    },
  };
}

function keyOf({ run, step }: Pick<CallContext, 'run' | 'step'>): string {
  return `${run} ${step}`;
}
