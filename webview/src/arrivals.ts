import type { HostMessage, RunHead } from '../../extension/src/protocol/panel.ts';
import { unpackSteps } from '../../extension/src/protocol/panel-steps.ts';
import type { StepsText } from '../../extension/src/protocol/panel-steps.ts';
import type { StepView } from '../../extension/src/protocol/run-view.ts';

export type RunMessage = Extract<HostMessage, { readonly type: 'run' }>;
export type StepsMessage = Extract<HostMessage, { readonly type: 'steps' }>;

/** The first message of a run. */
interface FirstMessage {
  readonly view: RunHead;
  readonly steps: StepsText;
  readonly total: number;
}

export interface Arrivals<First extends FirstMessage> {
  begin(message: First): void;
  /** Steps of another run are left alone. */
  add(message: StepsMessage): void;
}

interface ArrivalEvents<First> {
  readonly onWhole: (message: First, steps: StepView[]) => void;
  readonly onPart?: (arrived: number, total: number) => void;
}

/** Puts a run together that comes in several messages. One that begins takes the place of one that is not whole yet. */
export function createArrivals<First extends FirstMessage>({
  onWhole,
  onPart,
}: ArrivalEvents<First>): Arrivals<First> {
  let coming: { readonly message: First; readonly steps: StepView[] } | undefined;
  const look = () => {
    if (!coming) return;
    const { message, steps } = coming;
    if (steps.length < message.total) {
      onPart?.(steps.length, message.total);
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
