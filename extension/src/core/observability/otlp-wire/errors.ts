import { StrataError } from '../../../base/errors.ts';

/** `problem` goes on after "This is not OTLP that can be read: ". */
export function otlpDamaged(problem: string, cause?: unknown): StrataError {
  return new StrataError(
    'otlp-damaged',
    `This is not OTLP that can be read: ${problem}.`,
    'Export the trace again, as OTLP in JSON, in lines of JSON, or in protobuf.',
    cause === undefined ? {} : { cause },
  );
}
