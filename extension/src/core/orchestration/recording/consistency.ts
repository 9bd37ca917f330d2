import type { Json } from '../../../base/json.ts';
import type { RunId, StepId } from '../../../protocol/run-event.ts';
import { foldRun } from '../../../protocol/run-view.ts';
import type { RunView, StepView } from '../../../protocol/run-view.ts';
import { fromPayload } from '../payload.ts';
import type { Recording } from './read-recording.ts';

/** Two recorded things that say the same of a run, and differ. */
export interface Contradiction {
  readonly run: RunId;
  readonly step: StepId | undefined;
  /** What is compared, as the subject of a sentence. */
  readonly what: string;
  readonly recorded: string;
  readonly actual: string;
}

/**
 * What a replay does not look at, since no step depends on it, and what an edit could still make untrue: the head of a run, how
 * it ended, its trees, and what a step says of its sub-run.
 */
export function contradictionIn(recording: Recording): Contradiction | undefined {
  for (const run of recording.runs) {
    const view = foldRun(recording.log.read(run));
    const found = view && contradictionOf(view, recording);
    if (found) return { run, ...found };
  }
  return undefined;
}

type Found = Omit<Contradiction, 'run'>;

function contradictionOf(view: RunView, recording: Recording): Found | undefined {
  return headOf(view, recording) ?? endOf(view) ?? ofSteps(view, recording);
}

function headOf(view: RunView, recording: Recording): Found | undefined {
  const input = view.input ? fromPayload(recording.log, view.input) : null;
  const task = member(input, 'task');
  if (task === view.task) return undefined;
  return { step: undefined, what: 'the task', recorded: view.task, actual: text(task) };
}

function endOf(view: RunView): Found | undefined {
  const open = view.steps.find(({ status }) => status === 'running' || status === 'interrupted');
  if (open && view.status === 'succeeded')
    return { step: open.id, what: `the end of step ${open.id}`, recorded: 'nothing', actual: 'it had one' };
  const answered = view.answer !== undefined;
  if (view.endedAt === undefined || answered === (view.status === 'succeeded')) return undefined;
  const recorded = `${view.status}, ${answered ? 'with' : 'without'} an answer`;
  const actual = answered ? 'succeeded' : 'not succeeded';
  return { step: undefined, what: 'the end of the run', recorded, actual };
}

/** A step begins with files as the folder, an earlier step or another run left them. */
function ofSteps(view: RunView, recording: Recording): Found | undefined {
  const trees = new Set<string>();
  for (const step of view.steps) {
    if (step.status !== 'finished' || !step.output) continue;
    const output = fromPayload(recording.log, step.output);
    const found = ofFiles(step, output, trees) ?? ofResult(step, output) ?? ofSubRun(step, output, recording);
    if (found) return found;
    const tree = member(output, 'tree');
    if (typeof tree === 'string') trees.add(tree);
    if (step.files) trees.add(step.files.after);
  }
  return undefined;
}

function ofFiles(step: StepView, output: Json, trees: ReadonlySet<string>): Found | undefined {
  const { id, files } = step;
  if (!files) return undefined;
  const tree = member(output, 'tree');
  const paths = member(output, 'paths');
  if (!trees.has(files.before))
    return {
      step: id,
      what: `the tree before step ${id}`,
      recorded: files.before,
      actual: 'no earlier step left it',
    };
  return (
    (tree === undefined ? undefined : differs(id, 'the tree after', files.after, tree)) ??
    (paths === undefined ? undefined : differs(id, 'the files changed by', [...files.paths], paths))
  );
}

function ofResult({ id, kind, isError }: StepView, output: Json): Found | undefined {
  const failed = member(output, 'isError');
  if (kind !== 'tool' || typeof failed !== 'boolean') return undefined;
  return differs(id, 'isError of', isError, failed);
}

function ofSubRun({ id, child }: StepView, output: Json, { log }: Recording): Found | undefined {
  if (child === undefined || member(output, 'outcome') !== 'succeeded') return undefined;
  const below = foldRun(log.read(child));
  const answer = below?.answer ? fromPayload(log, below.answer) : (below?.status ?? null);
  return differs(id, 'the answer of the sub-run of', member(output, 'answer') ?? null, answer);
}

function differs(step: StepId, what: string, recorded: Json, actual: Json): Found | undefined {
  if (JSON.stringify(recorded) === JSON.stringify(actual)) return undefined;
  return { step, what: `${what} step ${step}`, recorded: text(recorded), actual: text(actual) };
}

function member(value: Json, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return (value as Record<string, Json>)[key];
}

function text(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
