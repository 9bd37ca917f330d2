import type { Payload, RunEvent } from '../../protocol/run-event.ts';
import type { RunView } from '../../protocol/run-view.ts';

/** Stands for a payload that is there; the webview asks for it when it shows it. */
const ELSEWHERE: Payload = { inline: null };

/** The run without its payloads, which would make the first paint wait for megabytes that no one looks at. */
export function slimView(view: RunView): RunView {
  return {
    ...view,
    input: view.input && ELSEWHERE,
    answer: view.answer && ELSEWHERE,
    steps: view.steps.map((step) => ({ ...step, input: ELSEWHERE, output: step.output && ELSEWHERE })),
  };
}

export function slimEvent(event: RunEvent): RunEvent {
  switch (event.type) {
    case 'run.started':
    case 'step.started':
      return { ...event, input: ELSEWHERE };
    case 'step.finished':
      return { ...event, output: ELSEWHERE };
    case 'run.finished':
      return event.answer ? { ...event, answer: ELSEWHERE } : event;
    default:
      return event;
  }
}
