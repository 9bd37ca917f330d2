import { StrataError } from '../../../base/errors.ts';

const HOW = 'Export the trace as OTLP: in JSON, in lines of JSON, or in protobuf.';

/** `what` says what it seems to be instead. */
export function notOtlp(what: string): StrataError {
  return new StrataError('not-otlp', `There is no OTLP trace in it: ${what}.`, HOW);
}

export function noSpans(): StrataError {
  return new StrataError('no-spans', 'It is OTLP, and there is no span in it that can be read.', HOW);
}

export function tooManySpans(most: number): StrataError {
  return new StrataError(
    'too-many-spans',
    `It holds more than ${most.toLocaleString('en')} spans, which is more than can be shown.`,
    'Export a shorter time, or a single trace.',
  );
}
