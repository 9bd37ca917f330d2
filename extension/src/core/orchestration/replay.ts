import type { Json } from '../../base/json.ts';
import { isStrataError } from '../../base/errors.ts';
import { assert } from '../../base/assert.ts';
import type { RunId, StepId } from '../../protocol/run-event.ts';
import { foldRun, stepOf } from '../../protocol/run-view.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import { bothSides, readableText } from './compare/index.ts';
import { Divergence, infoOf, runImported, runNotFound, RunStopped } from './errors.ts';
import { callsOf } from './gateway/recorded-calls.ts';
import { chatsOf } from './lent-chat/chats.ts';
import { blobsBeside, fromPayload } from './payload.ts';
import { runProgram } from './program.ts';
import type { RunPorts } from './run-ports.ts';
import type { RunLog } from './ports.ts';
import { recordedSteps } from './recorded-steps.ts';
import { parseRunInput } from './run-input.ts';
import type { Steps } from './steps.ts';
import { untouchable } from './untouchable.ts';

/** What came of running the program of a run again with every effect answered from its log. */
export interface ReplayReport {
  readonly run: RunId;
  /** Steps answered from the log, those of sub-runs included. */
  readonly steps: number;
  /** `equal`: the same steps, the same end. `unfinished`: equal as far as the recording goes. */
  readonly verdict: 'equal' | 'unfinished' | 'diverged';
  readonly divergence: Difference | undefined;
}

/** The first place where the replay was not what was recorded. */
export interface Difference {
  /** The run that was replayed, or one of its sub-runs. */
  readonly run: RunId;
  readonly step: StepId | undefined;
  readonly recorded: string;
  readonly actual: string;
}

type Recording = Pick<RunLog, 'read' | 'getBlob' | 'secrets'>;

/**
 * Replays a recorded run and its sub-runs. It is given the log and nothing else, so there is no model, tool, file or
 * network that it could reach. Throws `blob-damaged` when the recording cannot be read.
 */
export async function replayRun(
  log: Recording,
  run: RunId,
  onStep: (step: StepView) => void,
): Promise<ReplayReport> {
  const view = foldRun(log.read(run));
  if (!view) throw runNotFound(run);
  if (view.origin.kind === 'import') throw runImported();
  const report = await replayOne(log, view, onStep);
  let { steps, verdict } = report;
  if (verdict === 'diverged') return report;
  for (const { child } of view.steps) {
    // A fork shares the sub-runs of the run that it was forked from, which may have been removed since.
    if (child === undefined || log.read(child).length === 0) continue;
    const sub = await replayRun(log, child, onStep);
    steps += sub.steps;
    if (sub.verdict === 'diverged') return { run, steps, verdict: 'diverged', divergence: sub.divergence };
    if (sub.verdict === 'unfinished' && verdict === 'equal' && view.endedAt === undefined)
      ({ verdict } = sub);
  }
  return { run, steps, verdict, divergence: undefined };
}

async function replayOne(
  log: Recording,
  view: RunView,
  onStep: (step: StepView) => void,
): Promise<ReplayReport> {
  const run = view.id;
  assert(view.input, 'a run begins with its input');
  const answered = new Set<StepId>();
  const steps = recordedSteps(view, log, (recorded) => {
    answered.add(recorded.id);
    onStep(recorded);
  });
  const report = (verdict: ReplayReport['verdict'], divergence?: Omit<Difference, 'run'>): ReplayReport => ({
    run,
    steps: answered.size,
    verdict,
    divergence: divergence && { run, ...divergence },
  });

  const ports = recordedPorts(view, steps, log);
  let actual: Json;
  try {
    const input = parseRunInput(fromPayload(log, view.input));
    const calls = callsOf(input, undefined, log, view);
    const chats = chatsOf(input, undefined, log, view);
    actual = { answer: await runProgram({ ...ports, calls, chats }, input) };
  } catch (error) {
    if (error instanceof Divergence) {
      const { step, recorded, actual: now, asked } = error;
      const sides = asked && bothSides(stepOf(view, step), asked, (id) => ports.log.getBlob(id));
      return report('diverged', { step, ...(sides ?? { recorded, actual: now }) });
    }
    if (error instanceof RunStopped) return report('unfinished');
    if (isStrataError(error) && error.code === 'blob-damaged') throw error;
    actual = { error: infoOf(error).code };
  }
  const left = view.steps.find(({ id }) => !answered.has(id));
  if (left) {
    return report('diverged', {
      step: left.id,
      recorded: `${left.kind} ${left.name}`,
      actual: 'not asked for',
    });
  }
  if (view.endedAt === undefined) return report('unfinished');
  const recorded: Json = view.answer
    ? { answer: fromPayload(log, view.answer) }
    : { error: view.error?.code ?? view.status };
  if (JSON.stringify(recorded) === JSON.stringify(actual)) return report('equal');
  return report('diverged', {
    step: undefined,
    recorded: readableText(recorded),
    actual: readableText(actual),
  });
}

/** Ports for a program that may only read its log: every one of them fails when it is touched. */
function recordedPorts(
  view: RunView,
  steps: Steps,
  log: Pick<RunLog, 'getBlob' | 'secrets'>,
): Omit<RunPorts, 'calls' | 'chats'> {
  return {
    run: view.id,
    isolation: view.isolation,
    steps,
    log: blobsBeside(log),
    models: untouchable('a replay', 'a model'),
    memory: untouchable('a replay', 'memory'),
    files: untouchable('a replay', 'files'),
    tools: untouchable('a replay', 'tools'),
    approve: () => Promise.reject(new Error('Broken invariant: a replay asked for an approval')),
    subRun: () => Promise.reject(new Error('Broken invariant: a replay started a sub-run')),
    steering: () => undefined,
    now: () => 0,
    stopping: new AbortController().signal,
    onTree: () => undefined,
  };
}
