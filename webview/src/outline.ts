import type { StepId } from '../../extension/src/protocol/run-event.ts';
import type { RunView, StepView } from '../../extension/src/protocol/run-view.ts';

/** One line of the list. The first one is the run itself and has no step. */
export interface Row {
  readonly step: StepView | undefined;
  /** 1 for the run, 2 for its steps. */
  readonly level: number;
  /** Index of the parent's row; -1 for the run. */
  readonly parent: number;
  /** Place among its siblings, from 1, and how many they are. */
  readonly position: number;
  readonly siblings: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
}

/** The run's steps as a tree, depth first, without what is inside of collapsed ones. */
export function outline(run: RunView, collapsed: ReadonlySet<StepId>): Row[] {
  const known = new Set(run.steps.map((step) => step.id));
  const children = new Map<StepId, StepView[]>();
  for (const step of run.steps) {
    const parent = parentOf(step.id, known);
    const list = children.get(parent);
    if (list) list.push(step);
    else children.set(parent, [step]);
  }

  const top = children.get('') ?? [];
  const rows: Row[] = [
    {
      step: undefined,
      level: 1,
      parent: -1,
      position: 1,
      siblings: 1,
      expandable: top.length > 0,
      expanded: !collapsed.has(''),
    },
  ];
  if (collapsed.has('')) return rows;
  // A stack of our own: 1,000 levels of nesting must not end the page's.
  const open: { readonly steps: readonly StepView[]; next: number; readonly parent: number }[] = [
    { steps: top, next: 0, parent: 0 },
  ];
  for (let level = open.at(-1); level; level = open.at(-1)) {
    const step = level.steps[level.next++];
    if (!step) {
      open.pop();
      continue;
    }
    const inside = children.get(step.id) ?? [];
    const expanded = inside.length > 0 && !collapsed.has(step.id);
    rows.push({
      step,
      level: open.length + 1,
      parent: level.parent,
      position: level.next,
      siblings: level.steps.length,
      expandable: inside.length > 0,
      expanded,
    });
    if (expanded) open.push({ steps: inside, next: 0, parent: rows.length - 1 });
  }
  return rows;
}

/** The nearest step around it that is there; the run itself (`''`) when none is. */
function parentOf(id: StepId, known: ReadonlySet<StepId>): StepId {
  for (let end = id.lastIndexOf('.'); end > 0; end = id.lastIndexOf('.', end - 1)) {
    const parent = id.slice(0, end);
    if (known.has(parent)) return parent;
  }
  return '';
}
