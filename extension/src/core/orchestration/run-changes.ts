import type { RunView } from '../../protocol/run-view.ts';

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
  return { base, result, paths: [...new Set(view.steps.flatMap(({ files }) => files?.paths ?? []))].sort() };
}

/** The files as the last step left them that changed any. */
export function newestTree(view: RunView): string | undefined {
  return view.steps.findLast(({ files }) => files !== undefined)?.files?.after ?? firstTree(view);
}

function firstTree(view: RunView): string | undefined {
  const output = view.steps.find(({ kind, status }) => kind === 'snapshot' && status === 'finished')?.output;
  const tree = output && 'inline' in output ? (output.inline as { readonly tree?: unknown }).tree : undefined;
  return typeof tree === 'string' ? tree : undefined;
}
