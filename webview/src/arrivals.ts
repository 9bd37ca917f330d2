import type { HostMessage } from '../../extension/src/protocol/panel.ts';
import { unpackSteps } from '../../extension/src/protocol/panel-steps.ts';
import type { StepView } from '../../extension/src/protocol/run-view.ts';

export type RunMessage = Extract<HostMessage, { readonly type: 'run' }>;
type StepsMessage = Extract<HostMessage, { readonly type: 'steps' }>;

export interface Arrivals {
  begin(message: RunMessage): void;
  add(message: StepsMessage): void;
}

interface ArrivalEvents {
  readonly onWhole: (message: RunMessage, steps: StepView[]) => void;
  readonly onPart: (arrived: number, total: number) => void;
}

/** Puts a run together that comes in several messages. One that begins takes the place of one that is not whole yet. */
export function createArrivals({ onWhole, onPart }: ArrivalEvents): Arrivals {
  let coming: { readonly message: RunMessage; readonly steps: StepView[] } | undefined;
  const look = () => {
    if (!coming) return;
    const { message, steps } = coming;
    if (steps.length < message.total) {
      onPart(steps.length, message.total);
      return;
    }
    coming = undefined;
    onWhole(message, steps);
  };
  return {
    begin: (message) => {
      coming = { message, steps: unpackSteps(message.steps, message.view.startedAt) };
      look();
    },
    add: ({ run, steps }) => {
      if (coming?.message.view.id !== run) return;
      for (const step of unpackSteps(steps, coming.message.view.startedAt)) coming.steps.push(step);
      look();
    },
  };
}
