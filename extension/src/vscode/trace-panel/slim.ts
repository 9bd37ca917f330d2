import type { RunHead } from '../../protocol/panel.ts';
import { ELSEWHERE } from '../../protocol/panel-steps.ts';
import type { RunEvent } from '../../protocol/run-event.ts';
import type { RunView } from '../../protocol/run-view.ts';

/** The run without its steps and payloads, which would make the first paint wait for megabytes that no one looks at. */
export function headOf({ steps: _, ...head }: RunView): RunHead {
  return { ...head, input: head.input && ELSEWHERE, answer: head.answer && ELSEWHERE };
}

export function slimEvent(event: RunEvent): RunEvent {
  switch (event.type) {
    case 'run.started':
      return { ...event, input: ELSEWHERE };
    case 'step.started':
      return { ...event, input: ELSEWHERE, inputHash: '' };
    case 'step.finished':
      return { ...event, output: ELSEWHERE };
    case 'run.finished':
      return event.answer ? { ...event, answer: ELSEWHERE } : event;
    default:
      return event;
  }
}
