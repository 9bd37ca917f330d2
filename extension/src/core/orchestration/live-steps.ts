import type { Json } from '../../base/json.ts';
import { childRunId } from '../../protocol/run-event.ts';
import type { ErrorInfo, RunEventBody, StepId } from '../../protocol/run-event.ts';
import { applyEvent, stepOf } from '../../protocol/run-view.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import { infoOf, processEnded, RunPaused, RunStopped, stepFailed, unknownStep } from './errors.ts';
import { createOutputGate } from './output-gate.ts';
import { toPayload } from './payload.ts';
import type { Lease, RunLog } from './ports.ts';
import { hashAsWritten, recordedAnswer } from './step-answer.ts';
import { watchLimits } from './step-limits.ts';
import type { After } from './step-limits.ts';
import type { StepEnd, StepIo, StepResult, Steps, StepSpec } from './steps.ts';

/** What to do about a step that may or may not have changed something before its process died. */
export type UnknownDecision = 'again' | 'skip' | 'pause';

export interface LiveSteps {
  readonly log: RunLog;
  readonly lease: Lease;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly after: After;
  readonly signal: AbortSignal;
  /** Why no further step may begin, when a person has asked for a pause. */
  readonly pausing: () => ErrorInfo | undefined;
  /** The run stood paused before this process took it up: a person has let it go on. */
  readonly letGoOn: boolean;
  /** Undoes what a contained step left half done. */
  readonly putBack: (step: StepView) => Promise<void>;
  readonly decideUnknown: (step: StepView) => Promise<UnknownDecision>;
  /** An error that says "not now" rather than "no": the run pauses, and the step is done again when it resumes. */
  readonly pauses: (error: unknown) => boolean;
}

/** Waits before a failed step is tried again; doubled each time. */
const RETRY_MS = 500;

/** Steps that are answered from `view` as far as it goes and executed after that. */
export function liveSteps(view: RunView, live: LiveSteps): Steps {
  const append = (...bodies: RunEventBody[]): void => {
    for (const event of live.log.append(live.lease, bodies)) applyEvent(view, event);
  };

  /** What the log has of a step that is asked for; how often it was begun counts on from there. */
  const find = (
    id: StepId,
    spec: StepSpec,
  ): { recorded: StepView | undefined; known: StepEnd<Json> | undefined; inputHash: string } => {
    const recorded = stepOf(view, id);
    const inputHash = hashAsWritten(live.log, spec, recorded);
    return { recorded, inputHash, known: recorded && recordedAnswer(live.log, recorded, spec, inputHash) };
  };

  const begun = (
    id: StepId,
    spec: StepSpec,
    inputHash: string,
    attempt: number,
    retry = 0,
  ): Extract<RunEventBody, { type: 'step.started' }> => ({
    type: 'step.started',
    step: id,
    kind: spec.kind,
    name: spec.name,
    effect: spec.effect,
    inputHash,
    input: toPayload(live.log, spec.input),
    attempt,
    ...(retry > 0 ? { retry } : {}),
    ...(spec.child ? { child: childRunId(live.lease.run, id, 0) } : {}),
    ...(spec.context ? { context: spec.context } : {}),
  });

  const mayBegin = (): void => {
    if (live.signal.aborted) throw new RunStopped();
    const reason = live.pausing();
    if (reason) throw new RunPaused(reason);
  };

  const run = async (
    id: StepId,
    spec: StepSpec,
    execute: (io: StepIo) => Promise<StepResult<Json>>,
  ): Promise<StepEnd<Json>> => {
    const { recorded, known, inputHash } = find(id, spec);
    if (known) return known;
    if (recorded) {
      if (recorded.status === 'running')
        append({ type: 'step.interrupted', step: id, reason: processEnded() });
      const skipped = await settle(live, recorded);
      if (skipped) {
        append({ type: 'step.failed', step: id, error: skipped, durationMs: 0 });
        throw stepFailed(skipped);
      }
    }
    let attempt = recorded?.attempt ?? 0;
    for (let retry = recorded?.retry ?? 0; ; retry += 1) {
      mayBegin();
      append(begun(id, spec, inputHash, (attempt += 1), retry));
      const tried = await tryOnce(live, append, id, spec, execute);
      if ('result' in tried) return { ...tried.result, step: id };
      const mayRetry = spec.effect !== 'change' && retry < (spec.limits?.retries ?? 0);
      if (!mayRetry) {
        append({ type: 'step.failed', step: id, error: infoOf(tried.error), durationMs: tried.durationMs });
        throw tried.error;
      }
      append({ type: 'step.interrupted', step: id, reason: infoOf(tried.error) });
      const step = stepOf(view, id);
      if (spec.effect === 'contained' && step) await live.putBack(step);
      await elapsed(live, RETRY_MS * 2 ** retry);
    }
  };

  const record = (id: StepId, spec: StepSpec, make: () => Json): Json => {
    const { recorded, known, inputHash } = find(id, spec);
    if (known) return known.output;
    mayBegin();
    const output = make();
    append(begun(id, spec, inputHash, (recorded?.attempt ?? 0) + 1), ended(live, id, { output }, 0));
    return output;
  };

  const halt = (id: StepId, spec: StepSpec, reason: ErrorInfo, isAllowed = false): void => {
    const { recorded, known, inputHash } = find(id, spec);
    if (known) return;
    if (isAllowed || (recorded && live.letGoOn)) {
      append(
        begun(id, spec, inputHash, (recorded?.attempt ?? 0) + 1),
        ended(live, id, { output: { goOn: true } }, 0),
      );
      return;
    }
    if (!recorded) append(begun(id, spec, inputHash, 1), { type: 'step.interrupted', step: id, reason });
    throw new RunPaused(reason);
  };

  const group = async (
    id: StepId,
    spec: StepSpec,
    body: (inner: Steps, step: StepId) => Promise<Json>,
  ): Promise<Json> => {
    const { recorded, known, inputHash } = find(id, spec);
    if (known) return known.output;
    if (recorded?.status === 'running')
      append({ type: 'step.interrupted', step: id, reason: processEnded() });
    mayBegin();
    const startedAt = live.now();
    append(begun(id, spec, inputHash, (recorded?.attempt ?? 0) + 1));
    try {
      const output = await body(scope(`${id}.`), id);
      append(ended(live, id, { output }, live.now() - startedAt));
      return output;
    } catch (error) {
      const reason = infoOf(error);
      const later = error instanceof RunPaused || error instanceof RunStopped;
      if (later) append({ type: 'step.interrupted', step: id, reason });
      else append({ type: 'step.failed', step: id, error: reason, durationMs: live.now() - startedAt });
      throw error;
    }
  };

  const scope = (prefix: string): Steps => {
    let count = 0;
    const next = (): StepId => `${prefix}${(count += 1)}`;
    return {
      run: (spec, execute) => run(next(), spec, execute) as never,
      record: (spec, make) => record(next(), spec, make) as never,
      halt: (spec, reason, isAllowed) => halt(next(), spec, reason, isAllowed),
      group: (spec, body) => group(next(), spec, body) as never,
      upcoming: () => stepOf(view, `${prefix}${count + 1}`)?.kind,
    };
  };
  return scope('');
}

/** Makes a half-done step safe to do again, or returns the error that it ends with instead. */
async function settle(live: LiveSteps, step: StepView): Promise<ErrorInfo | undefined> {
  if (step.effect === 'read') return undefined;
  if (step.effect === 'contained') {
    await live.putBack(step);
    return undefined;
  }
  const decision = await live.decideUnknown(step);
  if (decision === 'again') return undefined;
  const reason = unknownStep(step.id, step.name);
  if (decision === 'pause') throw new RunPaused(reason);
  return reason;
}

type Tried = { readonly result: StepResult<Json> } | { readonly error: unknown; readonly durationMs: number };

/** One try. Throws when the run is stopped or paused, or its log cannot be written. */
async function tryOnce(
  live: LiveSteps,
  append: (...bodies: RunEventBody[]) => void,
  id: StepId,
  spec: StepSpec,
  execute: (io: StepIo) => Promise<StepResult<Json>>,
): Promise<Tried> {
  const startedAt = live.now();
  // Text comes in from callbacks of sockets and child processes. A log that cannot be written must not throw there, where
  // nobody would catch it: it calls the step off.
  const unlogged = new AbortController();
  const tell = (body: RunEventBody): void => {
    try {
      append(body);
    } catch (error) {
      gate.close();
      unlogged.abort(error);
    }
  };
  const limits = spec.limits && watchLimits(`${spec.kind} ${spec.name}`, spec.limits, live.after);
  const write = (text: string): void => tell({ type: 'step.output', step: id, text });
  // A secret may begin in one piece and end in the next.
  const gate = createOutputGate(live.now, live.log.secrets?.stream(write) ?? write);
  const io: StepIo = {
    step: id,
    signal: AbortSignal.any([live.signal, unlogged.signal, ...(limits ? [limits.signal] : [])]),
    output: (text) => {
      limits?.alive();
      gate.write(text);
    },
    note: (level, text) => {
      limits?.alive();
      if (gate.isOpen()) tell({ type: 'step.note', step: id, level, text });
    },
    child: spec.child ? childRunId(live.lease.run, id, 0) : undefined,
  };
  let result: StepResult<Json>;
  try {
    result = await execute(io);
  } catch (thrown) {
    gate.close();
    unlogged.signal.throwIfAborted();
    if (live.signal.aborted) {
      const stopped = new RunStopped();
      append({ type: 'step.interrupted', step: id, reason: infoOf(stopped) });
      throw stopped;
    }
    const error: unknown = limits?.signal.aborted ? limits.signal.reason : thrown;
    if (error instanceof RunPaused || live.pauses(error)) {
      const reason = infoOf(error);
      append({ type: 'step.interrupted', step: id, reason });
      throw error instanceof RunPaused ? error : new RunPaused(reason, error);
    }
    return { error, durationMs: live.now() - startedAt };
  } finally {
    limits?.dispose();
  }
  gate.close();
  unlogged.signal.throwIfAborted();
  append(ended(live, id, result, live.now() - startedAt));
  return { result };
}

function ended(
  live: LiveSteps,
  id: StepId,
  result: StepResult<Json>,
  durationMs: number,
): Extract<RunEventBody, { type: 'step.finished' }> {
  return {
    type: 'step.finished',
    step: id,
    output: toPayload(live.log, result.output),
    durationMs,
    ...(result.isError ? { isError: true } : {}),
    ...(result.model ? { model: result.model } : {}),
    ...(result.tool ? { tool: result.tool } : {}),
    ...(result.files ? { files: result.files } : {}),
    ...(result.rollUp ? { rollUp: result.rollUp } : {}),
  };
}

function elapsed(live: LiveSteps, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.dispose();
      live.signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = live.after(ms, done);
    live.signal.addEventListener('abort', done);
  });
}
