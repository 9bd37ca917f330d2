import type { RunView, StepView } from '../../protocol/run-view.ts';

/** The net change of a run's files: from the first snapshot to the newest. */
export interface RunChanges {
  readonly base: string;
  readonly result: string;
  readonly paths: readonly string[];
}

/** Undefined when the run has changed nothing, or has not come so far. */
export function changesOf(view: RunView): RunChanges | undefined {
  const base = firstTree(view);
  const result = newestTree(view);
  if (base === undefined || result === undefined || base === result) return undefined;
  const { restored } = view;
  const last = restored ? view.steps.findIndex(({ id }) => id === restored.step) : view.steps.length;
  const steps = view.steps.slice(0, last + 1).filter(isOwn);
  return { base, result, paths: [...new Set(steps.flatMap(({ files }) => files?.paths ?? []))].sort() };
}

/** The files as the last step left them that changed any. */
export function newestTree(view: RunView): string | undefined {
  return view.restored?.tree ?? newestOf(view);
}

function newestOf(view: RunView): string | undefined {
  const step = view.steps.findLast((one) => one.files !== undefined && isOwn(one));
  return step?.files?.after ?? firstTree(view);
}

/** Every tree that the run has been at. */
export function treesOf(view: RunView): readonly string[] {
  const first = firstTree(view);
  const later = view.steps.flatMap(({ files }) => (files ? [files.before, files.after] : []));
  return [...new Set([...(first === undefined ? [] : [first]), ...later])];
}

/** Steps inside a step work on files of their own, which a step of the run then merges. */
function isOwn({ id }: StepView): boolean {
  return !id.includes('.');
}

/** The files as the run found them. */
export function firstTree(view: RunView): string | undefined {
  const output = view.steps.find(({ kind, status }) => kind === 'snapshot' && status === 'finished')?.output;
  const tree = output && 'inline' in output ? (output.inline as { readonly tree?: unknown }).tree : undefined;
  return typeof tree === 'string' ? tree : undefined;
}
