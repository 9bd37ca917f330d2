import type { Json } from '../../base/json.ts';
import type { Payload, StepId } from '../../protocol/run-event.ts';
import type { RunView } from '../../protocol/run-view.ts';

/**
 * The prompt that was in force when a step of an agent's run had ended: the one that it began with, that of the agent that took
 * over, or what a person put in its place.
 */
export function promptAt(view: RunView, step: StepId, payload: (payload: Payload) => Json): string {
  const input = view.input && payload(view.input);
  let prompt = member(member(member(input, 'program'), 'agent') ?? member(input, 'agent'), 'prompt');
  for (const { id, kind, name, output } of view.steps) {
    if (kind === 'hand-over') prompt = member(member(member(input, 'agents'), name), 'prompt') ?? prompt;
    if (kind === 'steer' && output) prompt = member(payload(output), 'prompt') ?? prompt;
    if (id === step) break;
  }
  return typeof prompt === 'string' ? prompt : '';
}

/** Whether a workflow leads the run, which has neither a prompt nor a model of its own. */
export function isLedByWorkflow(view: RunView, payload: (payload: Payload) => Json): boolean {
  return member(member(view.input && payload(view.input), 'program'), 'kind') === 'workflow';
}

function member(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as Readonly<Record<string, Json>>)[key];
}
