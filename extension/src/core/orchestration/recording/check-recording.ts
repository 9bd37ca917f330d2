import type { RunId, StepId } from '../../../protocol/run-event.ts';
import { foldRun, stepOf } from '../../../protocol/run-view.ts';
import type { StepView } from '../../../protocol/run-view.ts';
import type { TextRange } from '../../definition-file/index.ts';
import { titleOf } from '../compare/step-text.ts';
import { replayRun } from '../replay.ts';
import { contradictionIn } from './consistency.ts';
import type { Recording } from './read-recording.ts';

/** What came of replaying a recording from its file. */
export interface RecordingCheck {
  readonly run: RunId;
  readonly agent: string;
  readonly task: string;
  /** Answered from the file, those of sub-runs included. */
  readonly steps: number;
  readonly verdict: 'equal' | 'unfinished' | 'diverged';
  readonly divergence?: RecordedDivergence;
}

export interface RecordedDivergence {
  readonly run: RunId;
  readonly step?: StepId;
  /** A sentence without its full stop: where it is, and of what kind. */
  readonly message: string;
  readonly recorded: string;
  readonly actual: string;
  /** In the file, lines and characters from 0. */
  readonly place: TextRange;
}

/** Replays a recording, and makes sure that what no step depends on is not contradicted by the rest of the file. */
export async function checkRecording(
  recording: Recording,
  onStep: (step: StepView) => void,
): Promise<RecordingCheck> {
  const { root, log } = recording;
  const view = foldRun(log.read(root));
  const report = await replayRun(log, root, onStep);
  const facts = {
    run: root,
    agent: view?.agent ?? '',
    task: view?.task ?? '',
    steps: report.steps,
  };
  const diverged = (one: Omit<RecordedDivergence, 'place'>, of: 'start' | 'end'): RecordingCheck => ({
    ...facts,
    verdict: 'diverged',
    divergence: { ...one, place: recording.placeOf(one.run, one.step, of) },
  });
  if (report.divergence) {
    const { run, step, recorded, actual } = report.divergence;
    const message = `The replay diverges at ${where(recording, run, step)}`;
    return diverged({ run, ...(step === undefined ? {} : { step }), message, recorded, actual }, 'start');
  }
  const open = report.verdict === 'unfinished' ? openStep(recording, report.steps) : undefined;
  if (open) return diverged(open, 'start');
  const contradiction = contradictionIn(recording);
  if (contradiction) {
    const { run, step, what, recorded, actual } = contradiction;
    const message = `The recording contradicts itself: ${what}`;
    return diverged({ run, ...(step === undefined ? {} : { step }), message, recorded, actual }, 'end');
  }
  return { ...facts, verdict: report.verdict };
}

/** The step that has no end although others come after it: a replay stops there as at the end of a run that was cut off. */
function openStep({ runs, log }: Recording, replayed: number): Omit<RecordedDivergence, 'place'> | undefined {
  const views = runs.flatMap((run) => foldRun(log.read(run)) ?? []);
  if (views.reduce((sum, { steps }) => sum + steps.length, 0) === replayed) return undefined;
  for (const { id: run, steps } of views) {
    const step = steps.find(({ status }) => status === 'running' || status === 'interrupted')?.id;
    const message = `The recording contradicts itself: step ${step} has no end, and more comes after it`;
    if (step !== undefined) return { run, step, message, recorded: 'no end', actual: 'it had one' };
  }
  return undefined;
}

function where({ root, log }: Recording, run: RunId, step: StepId | undefined): string {
  const view = foldRun(log.read(run));
  const recorded = view && step !== undefined ? stepOf(view, step) : undefined;
  const of = run === root ? '' : ` of the sub-run of ${view?.agent ?? run}`;
  if (step === undefined) return run === root ? 'its end' : `the end${of}`;
  return `step ${step}${recorded ? ` (${titleOf(recorded)})` : ''}${of}`;
}
