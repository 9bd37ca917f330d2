import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json.ts';
import type { StepView } from '../../protocol/run-view.ts';
import { Divergence, stepFailed } from './errors.ts';
import { sha256 } from './hash.ts';
import { fromPayload } from './payload.ts';
import type { RunLog } from './ports.ts';
import type { StepEnd, StepSpec } from './steps.ts';

/** SHA-256 over what a step is: its kind, its name and its input. */
export function stepHash(spec: StepSpec): string {
  return sha256(canonicalJson({ kind: spec.kind, name: spec.name, input: spec.input }));
}

/**
 * The hash that the log knows the step by: over its input as it is written, without secrets. What was recorded before a value
 * was known as a secret keeps the hash that it has.
 */
export function hashAsWritten(
  { secrets }: Pick<RunLog, 'secrets'>,
  spec: StepSpec,
  recorded: StepView | undefined,
): string {
  const input = secrets?.json(spec.input) ?? spec.input;
  const written = stepHash({ ...spec, input });
  if (input === spec.input || !recorded || recorded.inputHash === written) return written;
  const before = stepHash(spec);
  return recorded.inputHash === before ? before : written;
}

/** The recorded end of the step, if it has one. Throws what it threw, and `Divergence` when another step was recorded. */
export function recordedAnswer(
  log: Pick<RunLog, 'getBlob'>,
  recorded: StepView,
  spec: StepSpec,
  inputHash: string,
): StepEnd<Json> | undefined {
  if (recorded.inputHash !== inputHash) {
    const was = `${recorded.kind} ${recorded.name} ${recorded.inputHash.slice(0, 12)}`;
    throw new Divergence(recorded.id, was, `${spec.kind} ${spec.name} ${inputHash.slice(0, 12)}`, spec);
  }
  if (recorded.status === 'failed' && recorded.error) throw stepFailed(recorded.error);
  if (recorded.status !== 'finished' || !recorded.output) return undefined;
  const { model, tool, files, rollUp } = recorded;
  return {
    step: recorded.id,
    output: fromPayload(log, recorded.output),
    isError: recorded.isError,
    ...(model ? { model } : {}),
    ...(tool ? { tool } : {}),
    ...(files ? { files } : {}),
    ...(rollUp ? { rollUp } : {}),
  };
}
