import type { Model } from './model.ts';
import { agentOf } from './sub-runs.ts';

/** The model as the details need it: of the run that the selected step is one of, which may be a sub-run. */
export function focusOf(model: Model): Model {
  const row = model.outline.row(model.selected);
  // What was kept of a sub-run may not be here yet, or any more.
  if (!row?.step) return { ...model, selected: undefined };
  const { host, run } = row.branch;
  if (!host) return model;
  const held = model.subRuns.held(run.id);
  return {
    ...model,
    ...{ run, selected: row.step.id, within: agentOf(row.branch) },
    ...(held ? { hasFacts: held.hasFacts, changed: held.changed } : {}),
  };
}
