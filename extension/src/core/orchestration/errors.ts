import { isStrataError, messageOf, StrataError } from '../../base/errors.ts';
import type { ErrorInfo, RunId, StepId } from '../../protocol/run-event.ts';
import type { AskedStep } from './compare/both-sides.ts';

export function infoOf(error: unknown): ErrorInfo {
  if (isStrataError(error)) return { code: error.code, message: error.message, action: error.action };
  return { code: 'unexpected', message: messageOf(error) };
}

/** The program asked for something else than what was recorded at this place. */
export class Divergence extends StrataError {
  readonly step: StepId;
  readonly recorded: string;
  readonly actual: string;
  /** What it asked for, where another input or nothing was recorded. */
  readonly asked: AskedStep | undefined;

  constructor(step: StepId, recorded: string, actual: string, asked?: AskedStep) {
    super(
      'diverged',
      `Step ${step} is not what was recorded: recorded ${recorded}, now ${actual}.`,
      'Start a new run, or replay it with the version of Strata that recorded it.',
    );
    this.step = step;
    this.recorded = recorded;
    this.actual = actual;
    this.asked = asked;
  }
}

/** Another program did it, with an agent that is not here. */
export function runImported(): StrataError {
  return new StrataError(
    'run-imported',
    'This run was imported: another program did it, so it can be looked at and compared, and not done again.',
    'Do it again in the program that it came from.',
  );
}

/** The run cannot go on now and can later: everything up to here is kept. */
export class RunPaused extends StrataError {
  constructor(reason: ErrorInfo, cause?: unknown) {
    super(reason.code, reason.message, reason.action ?? 'Resume the run when this is put right.', { cause });
  }
}

export class RunStopped extends StrataError {
  constructor() {
    super('stopped', 'The run was stopped.', 'Resume it to go on from its last finished step.');
  }
}

export function stepFailed(info: ErrorInfo): StrataError {
  return new StrataError(info.code, info.message, info.action ?? 'Look at the failed step in the trace.');
}

export function processEnded(): ErrorInfo {
  return { code: 'process-ended', message: 'The process ended in the middle of this step.' };
}

export function unknownStep(step: StepId, name: string): ErrorInfo {
  return {
    code: 'step-unknown',
    message: `It is not known whether step ${step} (${name}) took effect before the process ended.`,
    action: 'Look at what it may have changed, then resume and choose to do it again or to go on without it.',
  };
}

export function stepTooLong(name: string, limitMs: number): StrataError {
  return new StrataError(
    'step-too-long',
    `${name} took longer than ${seconds(limitMs)} and was called off.`,
    'Give it less to do at once, or raise its time limit.',
  );
}

export function stepIdle(name: string, limitMs: number): StrataError {
  return new StrataError(
    'step-idle',
    `${name} gave no sign of life for ${seconds(limitMs)} and was called off.`,
    'Look at what it waits for, or raise its time limit.',
  );
}

export function pausedByUser(): ErrorInfo {
  return { code: 'paused-by-user', message: 'The run was paused.', action: 'Resume it to go on.' };
}

function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 60_000)} minutes`;
}

export function tooDeep(limit: number): StrataError {
  return new StrataError(
    'too-deep',
    `Agents call agents call agents: ${limit} levels below the first one is the most.`,
    'Let an agent above do this part itself.',
  );
}

export function notSteerable(run: RunId, leader: 'workflow' | 'gateway' | 'chat'): StrataError {
  return leader === 'workflow'
    ? new StrataError(
        'not-steerable',
        `Run ${run} is led by a workflow, which reads no messages.`,
        'Say it to the sub-run that is at work.',
      )
    : new StrataError(
        'not-steerable',
        `The ${leader === 'chat' ? 'requests' : 'calls'} of run ${run} come from another program, which reads no messages of Strata.`,
        'Say it to that program.',
      );
}

/** Only the client knows why it calls what. */
export function notRepeatable(run: RunId): StrataError {
  return new StrataError(
    'not-repeatable',
    `Run ${run} holds the calls that another program made through the gateway; there is no agent that could go on from it.`,
    'Replay it from its log, or compare it with another run.',
  );
}

export function notForkable(
  run: RunId,
  step: StepId,
  why: string,
  action = 'Name a step of its trace that has ended.',
): StrataError {
  return new StrataError('not-forkable', `Run ${run} cannot be forked at step ${step}. ${why}`, action);
}

export function notRecorded(what: string, name: string): StrataError {
  return new StrataError(
    'not-recorded',
    `The recorded run has no answer for this ${what} ${name}.`,
    'Rerun it with everything live.',
  );
}

export function runNotFound(run: RunId): StrataError {
  return new StrataError(
    'run-not-found',
    `There is no run ${run} in this folder.`,
    'List the runs with `strata runs`.',
  );
}

export function notResumable(run: RunId, status: string): StrataError {
  return new StrataError(
    'not-resumable',
    `Run ${run} has ${status}; there is nothing to resume.`,
    'Replay it, or run the task again.',
  );
}

/** A file with a mistake may have been meant to hold it, under a name that could not be read. */
export function unknownAgent(
  name: string,
  known: readonly string[],
  mistakes: readonly StrataError[],
): StrataError {
  return new StrataError(
    'unknown-agent',
    [`There is no agent "${name}".`, ...mistakes.map(({ message }) => message)].join('\n'),
    `Use one of ${known.join(', ')}, or add .strata/agents/${name}.agent.md.`,
  );
}

export function agentFileInvalid(path: string, line: number, problem: string): StrataError {
  return new StrataError(
    'agent-invalid',
    `${path}:${line}: ${problem}`,
    'Correct the agent file and run again.',
  );
}
