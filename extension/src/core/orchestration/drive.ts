import { assert } from '../../base/assert.ts';
import { isStrataError } from '../../base/errors.ts';
import type { RunEventBody, RunId } from '../../protocol/run-event.ts';
import { applyEvent } from '../../protocol/run-view.ts';
import type { RunView } from '../../protocol/run-view.ts';
import { infoOf, notResumable, notSteerable, RunPaused, RunStopped } from './errors.ts';
import { callsOf } from './gateway/recorded-calls.ts';
import { chatsOf } from './lent-chat/chats.ts';
import { liveSteps } from './live-steps.ts';
import { toPayload } from './payload.ts';
import { halfRecorded } from './recorded-half.ts';
import type { Lease, RunLog } from './ports.ts';
import { runProgram } from './program.ts';
import { createControl } from './run-control.ts';
import type { RunControl } from './run-control.ts';
import type { Above, RunEnd, RunEnvironment, RunHandle, RunResources } from './run-environment.ts';
import type { RunInput } from './run-input.ts';
import { performSubRun } from './sub-runs.ts';
import type { Starter } from './sub-runs.ts';

/** How a process takes a run up. */
export interface Driving {
  readonly letGoOn: boolean;
  readonly above: Above | undefined;
}

/** Works on a run to its end. The lease is given back then, whatever that end is. */
export function drive(
  environment: RunEnvironment,
  starter: Starter,
  lease: Lease,
  view: RunView,
  input: RunInput,
  driving: Driving,
): RunHandle {
  const { log } = environment;
  const control = createControl(driving.above);
  const ended = perform(environment, starter, lease, view, input, control, driving.letGoOn).finally(() =>
    log.release(lease),
  );
  return {
    run: lease.run,
    ended,
    stop: () => control.stop(),
    pause: (why) => control.pause(why),
    steer: (steering) => {
      if (input.program.kind !== 'agent') throw notSteerable(lease.run, input.program.kind);
      if (view.status !== 'running') throw notResumable(lease.run, view.status);
      appendTo(log, lease, view, { type: 'run.steered', steering });
    },
  };
}

async function perform(
  environment: RunEnvironment,
  starter: Starter,
  lease: Lease,
  view: RunView,
  input: RunInput,
  control: RunControl,
  letGoOn: boolean,
): Promise<RunEnd> {
  const { log, now, after } = environment;
  const { run } = lease;
  const { signal } = control;
  const end = (event: Extract<RunEventBody, { type: 'run.finished' | 'run.paused' }>): void =>
    appendTo(log, lease, view, event);
  let resources: RunResources | undefined;
  try {
    resources = await environment.open(run, input, view);
    const open = halfRecorded(log, view, resources);
    let tree: string | undefined;
    const steps = liveSteps(view, {
      log,
      lease,
      now,
      after,
      signal,
      pausing: control.pausing,
      letGoOn,
      pauses: isPassing,
      decideUnknown: open.decideUnknown,
      putBack: async () => {
        const last = view.restored?.tree ?? tree;
        assert(last, 'files are snapshotted before any tool is called');
        await open.files.restore(last, signal);
      },
    });
    const answer = await runProgram(
      {
        ...open,
        run,
        isolation: view.isolation,
        steps,
        log,
        now,
        calls: callsOf(input, open.calls, log, view),
        chats: chatsOf(input, open.chats, log, view),
        stopping: signal,
        onTree: (known) => void (tree = known),
        steering: () => view.steering[steersTaken(view)],
        subRun: (request) => performSubRun(environment, starter, { view, control }, request),
      },
      input,
    );
    end({ type: 'run.finished', outcome: 'succeeded', answer: toPayload(log, answer) });
    return { run, status: 'succeeded', answer, error: undefined };
  } catch (error) {
    // Whatever fails after the person has said stop is part of stopping.
    return concluded(run, signal.aborted ? new RunStopped() : error, end);
  } finally {
    await resources?.dispose();
  }
}

/** Steps are looked through only where somebody has steered at all. */
function steersTaken(view: RunView): number {
  return view.steering.length === 0 ? 0 : view.steps.filter(({ kind }) => kind === 'steer').length;
}

/**
 * What is written of a run that did not reach its answer. When not even that can be written (the disk is full, another
 * process took the run over), the run stays as it stands in the log, and the error goes to whoever started it.
 */
function concluded(
  run: RunId,
  error: unknown,
  end: (event: Extract<RunEventBody, { type: 'run.finished' | 'run.paused' }>) => void,
): RunEnd {
  const ended = endOf(run, error);
  const info = infoOf(ended.error);
  end(
    ended.status === 'paused'
      ? { type: 'run.paused', reason: info }
      : { type: 'run.finished', outcome: ended.status, error: info },
  );
  return ended;
}

function endOf(run: RunId, error: unknown): RunEnd {
  if (error instanceof RunStopped) return { run, status: 'stopped', answer: undefined, error };
  if (error instanceof RunPaused) return { run, status: 'paused', error };
  if (isPassing(error)) return { run, status: 'paused', error: new RunPaused(infoOf(error), error) };
  return { run, status: 'failed', answer: undefined, error };
}

/** A run pauses for what somebody can put right (an engine that is down, a missing key), so that nothing it did is lost. */
function isPassing(error: unknown): boolean {
  return isStrataError(error) && error.passing;
}

export function appendTo(log: RunLog, lease: Lease, view: RunView, body: RunEventBody): void {
  for (const event of log.append(lease, [body])) applyEvent(view, event);
}
