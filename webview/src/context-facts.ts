import type { ContextReport, ContextSection } from '../../extension/src/protocol/context-report.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';

/** What a model call's context held, in words and numbers. */
export interface ContextFacts {
  /** One sentence: how much of the budget is used. */
  readonly headline: string;
  readonly rows: readonly ContextRow[];
  /** Tokens of the budget that are free; 0 when it is exceeded. */
  readonly free: number;
  /** Messages that only a summary stands for; undefined when nothing is left out. */
  readonly leftOut: string | undefined;
  /** The step that made the summary. */
  readonly summary: StepView | undefined;
}

export interface ContextRow {
  readonly section: ContextSection;
  readonly label: string;
  /** How many, or where they stand that are no messages of their own. */
  readonly messages: string;
  readonly tokens: number;
}

const labels: Readonly<Record<ContextSection, string>> = {
  system: 'Instructions and tools',
  task: 'Task',
  pinned: 'Your words on the way',
  recalled: 'Earlier runs',
  condensed: 'Summary of older turns',
  recent: 'Newest turns',
};

/** Sections that may stand inside of another one's message. */
const inside: Readonly<Partial<Record<ContextSection, string>>> = {
  pinned: 'in the summary',
  recalled: 'with the task',
};

export function contextFacts(report: ContextReport, run: RunView, step: StepView): ContextFacts {
  const { budget, tokens, sections, leftOut } = report;
  const counted = step.model ? `; the model counted ${number(step.model.usage.input)}` : '';
  const used = `About ${number(tokens)} of ${number(budget)} tokens (${percent(tokens, budget)})${counted}.`;
  return {
    headline: used,
    rows: sections.map(({ section, messages, tokens: own }) => ({
      section,
      label: labels[section],
      messages: messages === 0 ? (inside[section] ?? '–') : number(messages),
      tokens: own,
    })),
    free: Math.max(0, budget - tokens),
    leftOut:
      leftOut.messages === 0
        ? undefined
        : `${number(leftOut.messages)} older messages, about ${number(leftOut.tokens)} tokens, are there only as a summary.`,
    summary: leftOut.messages === 0 ? undefined : summaryBefore(run, step),
  };
}

export function percent(part: number, whole: number): string {
  const share = whole > 0 ? (part / whole) * 100 : 0;
  return share > 0 && share < 1 ? '<1 %' : `${String(Math.round(share))} %`;
}

/** The newest summary of the same conversation: of a step beside this one, not inside another. */
function summaryBefore(run: RunView, step: StepView): StepView | undefined {
  const before = run.steps.slice(0, run.steps.indexOf(step));
  return before.findLast(
    (other) => other.kind === 'condense' && other.status === 'finished' && parentOf(other) === parentOf(step),
  );
}

function parentOf({ id }: StepView): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('.')));
}

function number(value: number): string {
  return value.toLocaleString();
}
