import { formatDuration, formatRunCost } from '../../../extension/src/protocol/format.ts';
import type { StepView } from '../../../extension/src/protocol/run-view.ts';
import { stepLabel } from '../../../extension/src/protocol/step-label.ts';
import { kindOf, stepStatus } from '../kinds.ts';
import type { Model } from '../model.ts';
import type { Row } from '../outline.ts';
import { stepLength } from '../time-scale.ts';
import type { Header, Layout } from './layout.ts';

/** The step in a sentence, for the tip and for screen readers. */
export function rowSentence({ step, branch }: Row, now: number): string {
  if (!step) return '';
  return stepSentence(step, stepLength(branch.run, step, now), branch.host && branch.run.agent);
}

/** What stands in the header of a sub-run, as far as there is room: the first parts tell most. */
export function headerParts(model: Model, header: Header): readonly string[] {
  return [header.agent, ...headerFacts(model, header)];
}

export function headerSentence(model: Model, header: Header): string {
  const { step, branch } = header.row;
  if (!step) return '';
  return [
    `Sub-run of ${header.agent}`,
    ...headerFacts(model, header),
    stepStatus(step).text,
    formatDuration(stepLength(branch.run, step, model.now)),
  ].join(', ');
}

/** One that is not there has nothing to open. */
export function canOpen({ subRuns }: Model, { row }: Header): boolean {
  return ['closed', 'coming', 'here'].includes(subRuns.state(row) ?? '');
}

/** What the timeline is, for who cannot see it. */
export function timelineWords({ run }: Model, { slots }: Layout, total: number): string {
  const all = slots.flatMap(({ headers }) => headers);
  const open = all.filter(({ block }) => block).length;
  return [
    `Timeline: ${String(run.steps.length)} steps over ${formatDuration(total)}`,
    ...(all.length === 0
      ? []
      : [`${String(all.length)} ${all.length === 1 ? 'sub-run' : 'sub-runs'}, ${String(open)} open`]),
  ].join(', ');
}

function headerFacts({ subRuns }: Model, { row }: Header): readonly string[] {
  const { step } = row;
  const note = subRuns.note(row);
  if (note !== '') return [note];
  const run = step?.child === undefined ? undefined : subRuns.held(step.child)?.run;
  const count = run ? run.steps.length + run.totals.subSteps : step?.rollUp?.steps;
  const totals = run?.totals ?? step?.rollUp;
  return [
    ...(count === undefined ? [] : [`${String(count)} ${count === 1 ? 'step' : 'steps'}`]),
    ...(totals && totals.calls > 0 ? [formatRunCost(totals)] : []),
  ];
}

/** What it is, how it went, how long it took. `agent`: of the sub-run that it is a step of. */
function stepSentence(step: StepView, length: number, agent?: string): string {
  const { title, detail } = stepLabel(step);
  const kind = kindOf(step).label;
  return [
    `${title} ${detail}`.trim(),
    ...(title === kind ? [] : [kind]),
    `step ${step.id}${agent === undefined ? '' : ` of ${agent}`}`,
    stepStatus(step).text,
    formatDuration(length),
  ].join(', ');
}
