import { isStrataError } from '../../base/errors.ts';
import { assert } from '../../base/assert.ts';
import type { RunId, StepId } from '../../protocol/run-event.ts';
import { foldRun } from '../../protocol/run-view.ts';
import type { StepView } from '../../protocol/run-view.ts';
import { agentRun } from './agent-run.ts';
import { Divergence, infoOf, runNotFound, RunStopped } from './errors.ts';
import { blobsBeside, fromPayload } from './payload.ts';
import type { AgentRunPorts } from './agent-run.ts';
import type { RunLog } from './ports.ts';
import { parseRunInput } from './run-input.ts';
import { recordedSteps } from './stepper.ts';

/** What came of running the program of a run again with every effect answered from its log. */
export interface ReplayReport {
  readonly run: RunId;
  /** Steps answered from the log. */
  readonly steps: number;
  /** `equal`: the same steps, the same end. `unfinished`: equal as far as the recording goes. */
  readonly verdict: 'equal' | 'unfinished' | 'diverged';
  readonly divergence: Difference | undefined;
}

/** The first place where the replay was not what was recorded. */
export interface Difference {
  readonly step: StepId | undefined;
  readonly recorded: string;
  readonly actual: string;
}

/**
 * Replays a recorded run. It is given the log and nothing else, so there is no model, tool, file or network that it could
 * reach. Throws `blob-damaged` when the recording cannot be read.
 */
export async function replayRun(
  log: Pick<RunLog, 'read' | 'getBlob'>,
  run: RunId,
  onStep: (step: StepView) => void,
): Promise<ReplayReport> {
  const view = foldRun(log.read(run));
  if (!view) throw runNotFound(run);
  assert(view.input, 'a run begins with its input');
  const answered = new Set<StepId>();
  const step = recordedSteps(view, log, (recorded) => {
    answered.add(recorded.id);
    onStep(recorded);
  });
  const report = (verdict: ReplayReport['verdict'], divergence?: Difference): ReplayReport => ({
    run,
    steps: answered.size,
    verdict,
    divergence,
  });

  let actual: string;
  try {
    const input = parseRunInput(fromPayload(log, view.input));
    actual = JSON.stringify({ answer: await agentRun(recordedPorts(run, step, log), input) });
  } catch (error) {
    if (error instanceof Divergence) return report('diverged', error);
    if (error instanceof RunStopped) return report('unfinished');
    if (isStrataError(error) && error.code === 'blob-damaged') throw error;
    actual = JSON.stringify({ error: infoOf(error).code });
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
  const recorded = JSON.stringify(
    view.answer ? { answer: fromPayload(log, view.answer) } : { error: view.error?.code ?? view.status },
  );
  if (recorded !== actual) return report('diverged', { step: undefined, recorded, actual });
  return report('equal');
}

/** Ports for a program that may only read its log: every one of them fails when it is touched. */
function recordedPorts(run: RunId, step: AgentRunPorts['step'], log: Pick<RunLog, 'getBlob'>): AgentRunPorts {
  const untouchable = <T extends object>(name: string): T =>
    new Proxy({} as T, {
      get: () => {
        throw new Error(`Broken invariant: a replay reached for ${name}`);
      },
    });
  return {
    run,
    step,
    log: blobsBeside(log),
    models: untouchable('a model'),
    memory: untouchable('memory'),
    files: untouchable('files'),
    tools: untouchable('tools'),
    approve: () => Promise.reject(new Error('Broken invariant: a replay asked for an approval')),
    now: () => 0,
    onTree: () => undefined,
  };
}
