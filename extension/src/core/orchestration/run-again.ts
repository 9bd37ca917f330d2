import type { Json } from '../../base/json.ts';
import type { RunEvent, RunEventBody, RunId, Steering, StepId } from '../../protocol/run-event.ts';
import { foldRun, stepOf } from '../../protocol/run-view.ts';
import type { RunView } from '../../protocol/run-view.ts';
import { assert } from '../../base/assert.ts';
import { notForkable, notRepeatable, runNotFound } from './errors.ts';
import { fromPayload, toPayload } from './payload.ts';
import type { RunLog } from './ports.ts';
import { firstTree } from './run-changes.ts';
import type { RunEnvironment, RunHandle } from './run-environment.ts';
import { parseRunInput } from './run-input.ts';
import type { RunInput } from './run-input.ts';
import { beginRun } from './run.ts';

export interface ForkRequest {
  readonly run: RunId;
  /** The last step that is taken over as it was recorded. */
  readonly step: StepId;
  /** What is said to the agent before its next model call: a message, another model, another prompt. */
  readonly edit?: Steering;
  /** Takes the place of the result of that step. */
  readonly result?: Json;
}

/** A new run that begins with the recorded steps of another, up to and with one, and goes on live from the files of then. */
export function forkRun(environment: RunEnvironment, request: ForkRequest): RunHandle {
  const { log } = environment;
  const { run, step, edit } = request;
  const { input, view, events } = readRun(log, run);
  if (input.program.kind === 'chat')
    throw notForkable(run, step, 'It answers the chat of another program, which goes on by itself.');
  if (!stepOf(view, step)) throw notForkable(run, step, 'It has no such step.');
  const taken = stepsUpTo(events, view, step);
  if (stepOf(view, step)?.status !== 'finished' && stepOf(view, step)?.status !== 'failed')
    throw notForkable(run, step, 'That step has not ended.');
  const recorded = request.result === undefined ? taken : withResult(log, taken, step, request.result);
  const steered: RunEventBody[] = edit ? [{ type: 'run.steered', steering: edit }] : [];
  return beginRun(onCopy(environment, view), environment.newRunId(), input, {
    origin: { kind: 'fork', run, step },
    recorded: [...recorded, ...steered],
  });
}

/** A new run with the same input and the same files as another, all of it live. */
export function rerunRun(environment: RunEnvironment, run: RunId): RunHandle {
  const { input, view } = readRun(environment.log, run);
  return beginRun(onCopy(environment, view), environment.newRunId(), fromSameFiles(input, view), {
    origin: { kind: 'rerun', run },
  });
}

/**
 * A new run with the same input and the same files as another, in which one half is live and the other is answered from the
 * log: its tools while the models are live, its models while the tools are.
 */
export function replayHalf(environment: RunEnvironment, run: RunId, live: 'models' | 'tools'): RunHandle {
  const { input, view } = readRun(environment.log, run);
  return beginRun(onCopy(environment, view), environment.newRunId(), fromSameFiles(input, view), {
    origin: { kind: 'replay', run, live },
  });
}

function readRun(
  log: RunLog,
  run: RunId,
): { readonly input: RunInput; readonly view: RunView; readonly events: readonly RunEvent[] } {
  const events = log.read(run);
  const view = foldRun(events);
  if (!view) throw runNotFound(run);
  assert(view.input, 'a run begins with its input');
  // What is begun anew is paid by itself, also when it was a part of another run.
  const { root: _, ...input } = parseRunInput(fromPayload(log, view.input));
  if (input.program.kind === 'gateway') throw notRepeatable(run);
  return { input, view, events };
}

/** The files of then are a tree, which only a copy can be made of. */
function onCopy(environment: RunEnvironment, view: RunView): RunEnvironment {
  return { ...environment, folder: view.folder, isolation: 'copy' };
}

function fromSameFiles(input: RunInput, view: RunView): RunInput {
  const from = firstTree(view);
  return from === undefined ? input : { ...input, from };
}

/**
 * The events of all steps that come before or at `last` in the order of their numbers, whenever they ended. Of a step that
 * `last` is inside of, its beginning alone: it is not over. One that had not ended is left for the new run to do.
 */
function stepsUpTo(events: readonly RunEvent[], view: RunView, last: StepId): readonly RunEventBody[] {
  return events.flatMap((event) => {
    if (!('step' in event) || event.type === 'run.restored' || event.type === 'step.output') return [];
    const { status } = stepOf(view, event.step) ?? {};
    const contains = last.startsWith(`${event.step}.`);
    if (!contains && status !== 'finished' && status !== 'failed') return [];
    if (compareSteps(event.step, last) > 0) return [];
    if (contains && event.type !== 'step.started') return [];
    return [bodyOf(event)];
  });
}

/** By their numbers, a step before those inside it. */
function compareSteps(a: StepId, b: StepId): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function bodyOf(event: RunEvent): RunEventBody {
  const { v: _v, run: _run, seq: _seq, at: _at, ...body } = event;
  return body;
}

function withResult(
  log: RunLog,
  recorded: readonly RunEventBody[],
  step: StepId,
  result: Json,
): readonly RunEventBody[] {
  return recorded.map((body) =>
    body.type === 'step.finished' && body.step === step
      ? { ...body, output: toPayload(log, result), edited: true }
      : body,
  );
}
