import type { Json } from '../../base/json.ts';
import type { RunEvent, RunEventBody, RunId, Steering, StepId } from '../../protocol/run-event.ts';
import { foldRun, stepOf } from '../../protocol/run-view.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import { assert } from '../../base/assert.ts';
import { notForkable, notRepeatable, runNotFound } from './errors.ts';
import { fromPayload, toPayload } from './payload.ts';
import type { RunLog } from './ports.ts';
import { firstTree } from './run-changes.ts';
import { unfitResult } from './result-form.ts';
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
  if (edit && input.program.kind === 'workflow')
    throw notForkable(
      run,
      step,
      'A workflow leads it, which reads no messages and has no prompt or model of its own.',
      'Fork the sub-run of one of its nodes in that way, or this run without it.',
    );
  const last = stepOf(view, step);
  if (!last) throw notForkable(run, step, 'It has no such step.');
  if (last.status !== 'finished' && last.status !== 'failed')
    throw notForkable(run, step, 'That step has not ended.');
  const wrong =
    request.result === undefined ? undefined : unfitResult(recordedResult(log, last), request.result);
  if (wrong !== undefined)
    throw notForkable(run, step, wrong, 'Give it the form that the recorded result has.');
  const taken = stepsUpTo(events, view, step);
  const recorded = request.result === undefined ? taken : withResult(log, taken, step, request.result);
  const said = [...view.steering.slice(0, steersIn(taken)), ...(edit ? [edit] : [])];
  const steered = said.map((steering): RunEventBody => ({ type: 'run.steered', steering }));
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

/** What was said for these is taken over with them: what a run has yet to hear is counted from there. */
function steersIn(taken: readonly RunEventBody[]): number {
  return new Set(
    taken.flatMap((body) => (body.type === 'step.started' && body.kind === 'steer' ? [body.step] : [])),
  ).size;
}

function recordedResult(log: RunLog, { output }: StepView): Json | undefined {
  return output && fromPayload(log, output);
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
