import type { PanelMessage, StepKey } from '../../extension/src/protocol/panel.ts';
import type { HeldRun } from './held-run.ts';
import type { Shown } from './shown.ts';
import { placeOf } from './step-key.ts';

export interface FactRequests {
  /** Asks once for what the list does not need of a step, when the step is looked at. */
  ask(shown: Shown, key: StepKey | undefined): void;
  answered(): void;
}

export function createFactRequests(post: (message: PanelMessage) => void): FactRequests {
  let asked: { readonly held: HeldRun; readonly key: StepKey } | undefined;
  return {
    ask: (shown, key) => {
      if (key === undefined) return;
      const { run, step } = placeOf(shown.run.id, key);
      const held = shown.held(run);
      if (!held || held.hasFacts(step)) return;
      if (asked?.held === held && asked.key === key) return;
      asked = { held, key };
      post({ type: 'step', run, step });
    },
    answered: () => {
      asked = undefined;
    },
  };
}
