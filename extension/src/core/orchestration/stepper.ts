import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json.ts';
import type {
  ErrorInfo,
  FileChange,
  ModelUse,
  RunEventBody,
  StepEffect,
  StepId,
  StepKind,
} from '../../protocol/run-event.ts';
import { applyEvent, stepOf } from '../../protocol/run-view.ts';
import type { RunView, StepView } from '../../protocol/run-view.ts';
import {
  Divergence,
  infoOf,
  processEnded,
  RunPaused,
  RunStopped,
  stepFailed,
  unknownStep,
} from './errors.ts';
import { sha256 } from './hash.ts';
import { fromPayload, toPayload } from './payload.ts';
import type { Lease, RunLog } from './ports.ts';
import { createOutputGate } from './output-gate.ts';

export interface StepSpec {
  readonly kind: StepKind;
  readonly name: string;
  readonly effect: StepEffect;
  /** Everything that decides the answer. Large parts go in as the id of a blob. */
  readonly input: Json;
}

export interface StepIo {
  readonly signal: AbortSignal;
  /** Text for people to watch while the step goes on. */
  readonly output: (text: string) => void;
  readonly note: (level: 'info' | 'warning', text: string) => void;
}

export interface StepResult<T extends Json> {
  readonly output: T;
  readonly isError?: boolean;
  readonly model?: ModelUse;
  readonly files?: FileChange;
}

/** The one way to an effect: recorded before and after, executed at most once, answered from the log ever after. */
export type Step = <T extends Json>(
  spec: StepSpec,
  execute: (io: StepIo) => Promise<StepResult<T>>,
) => Promise<T>;

/** What to do about a step that may or may not have changed something before its process died. */
export type UnknownDecision = 'again' | 'skip' | 'pause';

export interface LiveSteps {
  readonly log: RunLog;
  readonly lease: Lease;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Undoes what a contained step left half done. */
  readonly putBack: (step: StepView) => Promise<void>;
  readonly decideUnknown: (step: StepView) => Promise<UnknownDecision>;
  /** An error that says "not now" rather than "no": the run pauses, and the step is done again when it resumes. */
  readonly pauses: (error: unknown) => boolean;
}

/**
 * Steps that are answered from `view` as far as it goes and executed after that. The ordinal of a step is taken when it
 * is asked for, so parallel steps must be asked for in an order that does not depend on how fast they are.
 */
export function liveSteps(view: RunView, live: LiveSteps): Step {
  const nextId = ordinals();
  const append = (...bodies: RunEventBody[]): void => {
    for (const event of live.log.append(live.lease, bodies)) applyEvent(view, event);
  };

  return async (spec, execute) => {
    const id = nextId();
    const inputHash = hashOf(spec);
    const recorded = stepOf(view, id);
    if (recorded) {
      const known = answer(live.log, recorded, spec, inputHash);
      if (known) return known.output as never;
      if (recorded.status === 'running')
        append({ type: 'step.interrupted', step: id, reason: processEnded() });
      const skipped = await settle(live, recorded);
      if (skipped) {
        append({ type: 'step.failed', step: id, error: skipped, durationMs: 0 });
        throw stepFailed(skipped);
      }
    }
    if (live.signal.aborted) throw new RunStopped();
    append({
      type: 'step.started',
      step: id,
      kind: spec.kind,
      name: spec.name,
      effect: spec.effect,
      inputHash,
      input: toPayload(live.log, spec.input),
      attempt: (recorded?.attempt ?? 0) + 1,
    });
    return perform(live, append, id, execute);
  };
}

/** Steps of a finished recording: nothing is ever executed, and asking for more than was recorded is a divergence. */
export function recordedSteps(
  view: RunView,
  log: Pick<RunLog, 'getBlob'>,
  onAnswer: (step: StepView) => void,
): Step {
  const nextId = ordinals();
  return async (spec) => {
    const id = nextId();
    const recorded = stepOf(view, id);
    if (!recorded) throw new Divergence(id, 'nothing', `${spec.kind} ${spec.name}`);
    onAnswer(recorded);
    const known = answer(log, recorded, spec, hashOf(spec));
    if (!known) throw new RunStopped();
    return known.output as never;
  };
}

function ordinals(): () => StepId {
  let count = 0;
  return () => String((count += 1));
}

function hashOf(spec: StepSpec): string {
  return sha256(canonicalJson({ kind: spec.kind, name: spec.name, input: spec.input }));
}

/** The recorded end of the step, if it has one. Throws what it threw. */
function answer(
  log: Pick<RunLog, 'getBlob'>,
  recorded: StepView,
  spec: StepSpec,
  inputHash: string,
): { readonly output: Json } | undefined {
  if (recorded.inputHash !== inputHash) {
    const was = `${recorded.kind} ${recorded.name} ${recorded.inputHash.slice(0, 12)}`;
    throw new Divergence(recorded.id, was, `${spec.kind} ${spec.name} ${inputHash.slice(0, 12)}`);
  }
  if (recorded.status === 'finished' && recorded.output) return { output: fromPayload(log, recorded.output) };
  if (recorded.status === 'failed' && recorded.error) throw stepFailed(recorded.error);
  return undefined;
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

async function perform<T extends Json>(
  live: LiveSteps,
  append: (...bodies: RunEventBody[]) => void,
  id: StepId,
  execute: (io: StepIo) => Promise<StepResult<T>>,
): Promise<T> {
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
  const gate = createOutputGate(live.now, (text) => tell({ type: 'step.output', step: id, text }));
  const io: StepIo = {
    signal: AbortSignal.any([live.signal, unlogged.signal]),
    output: gate.write,
    note: (level, text) => {
      if (gate.isOpen()) tell({ type: 'step.note', step: id, level, text });
    },
  };
  let result: StepResult<T>;
  try {
    result = await execute(io);
  } catch (error) {
    gate.close();
    unlogged.signal.throwIfAborted();
    if (live.signal.aborted) {
      const stopped = new RunStopped();
      append({ type: 'step.interrupted', step: id, reason: infoOf(stopped) });
      throw stopped;
    }
    const reason = infoOf(error);
    if (live.pauses(error)) {
      append({ type: 'step.interrupted', step: id, reason });
      throw new RunPaused(reason, error);
    }
    append({ type: 'step.failed', step: id, error: reason, durationMs: live.now() - startedAt });
    throw error;
  }
  gate.close();
  unlogged.signal.throwIfAborted();
  append({
    type: 'step.finished',
    step: id,
    output: toPayload(live.log, result.output),
    durationMs: live.now() - startedAt,
    ...(result.isError ? { isError: true } : {}),
    ...(result.model ? { model: result.model } : {}),
    ...(result.files ? { files: result.files } : {}),
  });
  return result.output;
}
