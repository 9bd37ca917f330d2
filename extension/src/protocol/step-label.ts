import { formatModel } from './format.ts';
import type { StepView } from './run-view.ts';

/** The kinds of steps by the words that people read, in the panel, the tree and the terminal alike. */
const KINDS: Readonly<Record<string, string>> = {
  snapshot: 'Snapshot',
  index: 'Index',
  recall: 'Recall',
  catalogue: 'Tool catalogue',
  chat: 'Model call',
  approval: 'Approval',
  tool: 'Tool call',
  remember: 'Remember',
  agent: 'Sub-agent',
  merge: 'Merge',
  'hand-over': 'Hand-over',
  condense: 'Condense',
  steer: 'Steer',
  breaker: 'Breaker',
  node: 'Node',
};

/** A run that was recorded by a later version may hold kinds that this one does not know. */
export function kindLabel(kind: string): string {
  return KINDS[kind] ?? kind;
}

export interface StepLabel {
  readonly title: string;
  readonly detail: string;
}

/** What a step is called: a tool by its name, a model call by its model, the rest by their kind. */
export function stepLabel(step: Pick<StepView, 'kind' | 'name' | 'model'>): StepLabel {
  const kind = kindLabel(step.kind);
  if (step.kind === 'tool') return { title: step.name, detail: '' };
  if (step.kind === 'chat') return { title: kind, detail: step.model ? formatModel(step.model) : step.name };
  return { title: kind, detail: step.name === step.kind ? '' : step.name };
}
