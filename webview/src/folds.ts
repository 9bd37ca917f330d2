import type { StepKey } from '../../extension/src/protocol/panel.ts';
import { keyOf } from './outline.ts';
import type { Row } from './outline.ts';

/** What a person opened and closed. The timeline and the steps go by the same. */
export interface Folds {
  /** Closed by hand; the key of the run itself is empty. */
  readonly collapsed: ReadonlySet<StepKey>;
  /** Sub-runs that were opened by hand, by the steps that started them. */
  readonly opened: ReadonlySet<StepKey>;
}

/** So many of the first sub-runs of a run are open from the start, */
const FEW = 8;
/** down to this level, */
const LEVELS = 2;
/** unless they are known to have more steps than this. */
const FEW_STEPS = 500;

export function foldsOf(collapsed: Iterable<StepKey> = [], opened: Iterable<StepKey> = []): Folds {
  return { collapsed: new Set(collapsed), opened: new Set(opened) };
}

export function isOpen({ collapsed, opened }: Folds, row: Row): boolean {
  const key = keyOf(row) ?? '';
  if (collapsed.has(key)) return false;
  return row.step?.child === undefined || opened.has(key) || opensByItself(row);
}

export function folded({ collapsed, opened }: Folds, row: Row, open: boolean): Folds {
  const key = keyOf(row) ?? '';
  const without = (keys: ReadonlySet<StepKey>) => [...keys].filter((other) => other !== key);
  if (!open) return foldsOf([...collapsed, key], without(opened));
  return foldsOf(without(collapsed), row.step?.child === undefined ? opened : [...opened, key]);
}

/** With all open that is around it. */
export function revealed(folds: Folds, row: Row): Folds {
  let result = folds;
  for (let at = row.parent; at; at = at.parent) if (!isOpen(result, at)) result = folded(result, at, true);
  return result;
}

function opensByItself({ step, branch }: Row): boolean {
  return (
    branch.depth < LEVELS &&
    (step?.rollUp?.steps ?? 0) <= FEW_STEPS &&
    branch.starters.slice(0, FEW).some((starter) => starter.step === step)
  );
}
