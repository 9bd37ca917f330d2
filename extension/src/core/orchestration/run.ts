import { isStrataError } from '../../base/errors.ts';
import type { RunEventBody, RunId, RunOutcome } from '../../protocol/run-event.ts';
import { applyEvent, foldRun } from '../../protocol/run-view.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import { assert } from '../../base/assert.ts';
import { agentRun } from './agent-run.ts';
import type { AgentRunPorts } from './agent-run.ts';
import { infoOf, notResumable, runNotFound, RunPaused, RunStopped } from './errors.ts';
import { fromPayload, toPayload } from './payload.ts';
import type { Lease, RunLeases, RunLog } from './ports.ts';
import { parseRunInput, runInputJson } from './run-input.ts';
import type { RunInput } from './run-input.ts';
import { liveSteps } from './stepper.ts';
import type { UnknownDecision } from './stepper.ts';

/** What a run needs while it is alive, made for it and ended with it. */
export interface RunResources extends Pick<
  AgentRunPorts,
  'models' | 'memory' | 'files' | 'tools' | 'approve'
> {
  readonly decideUnknown: (step: StepView) => Promise<UnknownDecision>;
  readonly dispose: () => Promise<void>;
}

export interface RunEnvironment {
  readonly log: RunLog & RunLeases;
  readonly now: () => number;
  readonly newRunId: () => RunId;
  /** Opens what the run works with. `view` holds what an earlier process has recorded of it. */
  readonly open: (run: RunId, input: RunInput, view: RunView) => Promise<RunResources>;
  readonly folder: string;
  readonly isolation: 'copy' | 'workspace';
  readonly strata: string;
}

/** How a run ended, or why it stands still. */
export type RunEnd =
  | {
      readonly run: RunId;
      readonly status: RunOutcome;
      readonly answer: string | undefined;
      readonly error: unknown;
    }
  | { readonly run: RunId; readonly status: 'paused'; readonly error: RunPaused };

export interface RunHandle {
  readonly run: RunId;
  /** Rejects only when the log itself cannot be written any more. */
  readonly ended: Promise<RunEnd>;
  readonly stop: () => void;
}

export function startRun(environment: RunEnvironment, input: RunInput): RunHandle {
  const run = environment.newRunId();
  const { lease, event } = environment.log.begin(run, {
    type: 'run.started',
    origin: { kind: 'user' },
    agent: input.agent.name,
    task: input.task,
    folder: environment.folder,
    route: input.agent.route,
    isolation: environment.isolation,
    input: toPayload(environment.log, runInputJson(input)),
    strata: environment.strata,
  });
  return drive(environment, lease, applyEvent(undefined, event), input);
}

/** Goes on after the last finished step. Throws when the run has ended well or somebody else is working on it. */
export function resumeRun(environment: RunEnvironment, run: RunId): RunHandle {
  const { log } = environment;
  const recorded = foldRun(log.read(run));
  if (!recorded) throw runNotFound(run);
  if (recorded.status === 'succeeded' || recorded.status === 'failed')
    throw notResumable(run, recorded.status);
  const lease = log.acquire(run);
  try {
    // Read again: the owner before us may have written until the moment we took over.
    const view = foldRun(log.read(run));
    assert(view?.input, 'a run begins with its input');
    const input = parseRunInput(fromPayload(log, view.input));
    appendTo(log, lease, view, { type: 'run.resumed', owner: `fence ${lease.fence}` });
    return drive(environment, lease, view, input);
  } catch (error) {
    // Kept, it would shut everybody out of the run for as long as this process lives.
    log.release(lease);
    throw error;
  }
}

function drive(environment: RunEnvironment, lease: Lease, view: RunView, input: RunInput): RunHandle {
  const stopping = new AbortController();
  const ended = perform(environment, lease, view, input, stopping.signal).finally(() =>
    environment.log.release(lease),
  );
  return { run: lease.run, ended, stop: () => stopping.abort(new RunStopped()) };
}

async function perform(
  environment: RunEnvironment,
  lease: Lease,
  view: RunView,
  input: RunInput,
  signal: AbortSignal,
): Promise<RunEnd> {
  const { log, now } = environment;
  const { run } = lease;
  const end = (event: Extract<RunEventBody, { type: 'run.finished' | 'run.paused' }>): void =>
    appendTo(log, lease, view, event);
  let resources: RunResources | undefined;
  try {
    const open = await environment.open(run, input, view);
    resources = open;
    let tree: string | undefined;
    const step = liveSteps(view, {
      log,
      lease,
      now,
      signal,
      pauses: isPassing,
      decideUnknown: open.decideUnknown,
      putBack: async () => {
        assert(tree, 'files are snapshotted before any tool is called');
        await open.files.restore(tree, signal);
      },
    });
    const ports = { ...open, run, step, log, now, onTree: (known: string) => void (tree = known) };
    const answer = await agentRun(ports, input);
    end({ type: 'run.finished', outcome: 'succeeded', answer: toPayload(log, answer) });
    return { run, status: 'succeeded', answer, error: undefined };
  } catch (error) {
    // Whatever fails after the person has said stop is part of stopping.
    return concluded(run, signal.aborted ? new RunStopped() : error, end);
  } finally {
    await resources?.dispose();
  }
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

function appendTo(log: RunLog, lease: Lease, view: RunView, body: RunEventBody): void {
  for (const event of log.append(lease, [body])) applyEvent(view, event);
}
