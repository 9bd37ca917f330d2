import type { Json } from '../../base/json.ts';
import { stepOf } from '../../protocol/run-view.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import { Divergence, RunStopped } from './errors.ts';
import type { RunLog } from './ports.ts';
import { hashAsWritten, recordedAnswer } from './step-answer.ts';
import type { StepEnd, Steps, StepSpec } from './steps.ts';

/** Steps of a recording: nothing is ever executed, and asking for anything else than was recorded is a divergence. */
export function recordedSteps(
  view: RunView,
  log: Pick<RunLog, 'getBlob' | 'secrets'>,
  onAnswer: (step: StepView) => void,
): Steps {
  const recordedAt = (id: string, spec: StepSpec): StepView => {
    const recorded = stepOf(view, id);
    if (!recorded) throw new Divergence(id, 'nothing', `${spec.kind} ${spec.name}`, spec);
    onAnswer(recorded);
    return recorded;
  };
  const answer = (id: string, spec: StepSpec): StepEnd<Json> => {
    const recorded = recordedAt(id, spec);
    const known = recordedAnswer(log, recorded, spec, hashAsWritten(log, spec, recorded));
    if (!known) throw new RunStopped();
    return known;
  };

  const scope = (prefix: string): Steps => {
    let count = 0;
    const next = (): string => `${prefix}${(count += 1)}`;
    return {
      run: async (spec) => answer(next(), spec) as never,
      record: (spec) => answer(next(), spec).output as never,
      halt: (spec) => void answer(next(), spec),
      group: async (spec, body) => {
        const id = next();
        const recorded = recordedAt(id, spec);
        const inner = scope(`${id}.`);
        if (recorded.status === 'finished') {
          const known = recordedAnswer(log, recorded, spec, hashAsWritten(log, spec, recorded));
          const output = await body(inner, id);
          if (JSON.stringify(known?.output) !== JSON.stringify(output))
            throw new Divergence(id, JSON.stringify(known?.output), JSON.stringify(output));
          return output;
        }
        // What it failed with comes from the steps inside it, or is what the program makes of their answers.
        const output = await body(inner, id);
        if (recorded.status === 'failed')
          throw new Divergence(id, recorded.error?.message ?? 'failed', JSON.stringify(output));
        throw new RunStopped();
      },
      upcoming: () => stepOf(view, `${prefix}${count + 1}`)?.kind,
    };
  };
  return scope('');
}
