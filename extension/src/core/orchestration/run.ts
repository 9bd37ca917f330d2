import { assert } from '../../base/assert.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { foldRun } from '../../protocol/run-view.ts';
import { appendTo, drive } from './drive.ts';
import { notResumable, runNotFound } from './errors.ts';
import { fromPayload, toPayload } from './payload.ts';
import type { Above, Beginning, RunEnvironment, RunHandle } from './run-environment.ts';
import { parseRunInput, runInputJson } from './run-input.ts';
import type { Program, RunInput } from './run-input.ts';
import type { Starter } from './sub-runs.ts';

export function startRun(environment: RunEnvironment, input: RunInput): RunHandle {
  return beginRun(environment, environment.newRunId(), input, { origin: { kind: 'user' } });
}

export function beginRun(
  environment: RunEnvironment,
  run: RunId,
  input: RunInput,
  { origin, above, recorded = [] }: Beginning,
): RunHandle {
  const { program } = input;
  const agent = program.kind === 'agent' ? program.agent : undefined;
  const user = environment.user?.();
  const { lease, events } = environment.log.begin(
    run,
    {
      type: 'run.started',
      origin,
      agent: nameOf(program),
      task: input.task,
      folder: environment.folder,
      route: routeOf(program),
      isolation: agent?.isolation ?? environment.isolation,
      input: toPayload(environment.log, runInputJson(input)),
      strata: environment.strata,
      ...(user === undefined ? {} : { user }),
    },
    recorded,
  );
  const view = foldRun(events);
  assert(view, 'a run that has begun has an event');
  return drive(environment, starter, lease, view, input, { letGoOn: false, above });
}

function nameOf(program: Program): string {
  switch (program.kind) {
    case 'agent':
      return program.agent.name;
    case 'workflow':
      return program.workflow.name;
    case 'gateway':
      return 'gateway';
    case 'chat':
      return `${program.client} chat · ${program.request.route}`;
  }
}

function routeOf(program: Program): string {
  if (program.kind === 'agent') return program.agent.route;
  return program.kind === 'chat' ? program.request.route : '';
}

/** Goes on after the last finished step. Throws when the run has ended well or somebody else is working on it. */
export function resumeRun(environment: RunEnvironment, run: RunId): RunHandle {
  return takeUpRun(environment, run);
}

/** As `resumeRun`, for a run that is a part of another one too. */
export function takeUpRun(environment: RunEnvironment, run: RunId, above?: Above): RunHandle {
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
    const letGoOn = view.status === 'paused';
    appendTo(log, lease, view, { type: 'run.resumed', owner: `fence ${lease.fence}` });
    return drive(environment, starter, lease, view, input, { letGoOn, above });
  } catch (error) {
    // Kept, it would shut everybody out of the run for as long as this process lives.
    log.release(lease);
    throw error;
  }
}

const starter: Starter = { begin: beginRun, takeUp: takeUpRun };
