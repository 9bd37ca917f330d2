import type { PanelMessage } from '../../extension/src/protocol/panel.ts';
import type { StepId } from '../../extension/src/protocol/run-event.ts';
import type { Shown } from './shown.ts';

export interface FactRequests {
  /** Asks once for what the list does not need of a step, when the step is looked at. */
  ask(shown: Shown, step: StepId | undefined): void;
  answered(): void;
}

export function createFactRequests(post: (message: PanelMessage) => void): FactRequests {
  let asked: { readonly shown: Shown; readonly step: StepId } | undefined;
  return {
    ask: (shown, step) => {
      if (step === undefined || shown.hasFacts(step)) return;
      if (asked?.shown === shown && asked.step === step) return;
      asked = { shown, step };
      post({ type: 'step', run: shown.run.id, step });
    },
    answered: () => {
      asked = undefined;
    },
  };
}
