import { formatDuration } from '../../extension/src/protocol/format.ts';
import type { RunFacts } from '../../extension/src/protocol/panel.ts';
import type { RunView } from '../../extension/src/protocol/run-view.ts';
import { runStatus } from './kinds.ts';
import type { Row } from './outline.ts';
import type { SubRuns } from './sub-runs.ts';
import { lengthOf } from './time-scale.ts';

/** What a screen reader says when the run's status changes. Single steps would never let it finish a sentence. */
export function spokenStatus(run: RunView, facts: RunFacts): string {
  const { text } = runStatus(run.status, facts.live);
  if (run.status === 'running') return `Run: ${text}`;
  const steps = `${String(run.steps.length)} ${run.steps.length === 1 ? 'step' : 'steps'}`;
  const why = run.error ? ` ${run.error.message}` : '';
  return `Run: ${text} after ${steps}, ${formatDuration(lengthOf(run, run.updatedAt))}.${why}`;
}

/** What is said when a sub-run is opened or closed; of other lines a screen reader says it by itself. */
export function spokenFold({ step }: Row, open: boolean, subRuns: SubRuns): string {
  if (step?.child === undefined) return '';
  if (!open) return `Closed the sub-run of ${step.name}`;
  const held = subRuns.held(step.child);
  const count = held?.run.steps.length ?? 0;
  return `Opened the sub-run of ${step.name}${held ? `, ${String(count)} ${count === 1 ? 'step' : 'steps'}` : ''}`;
}
