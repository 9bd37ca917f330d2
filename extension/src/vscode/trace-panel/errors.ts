import { StrataError, isStrataError, messageOf } from '../../base/errors.ts';
import type { ErrorInfo } from '../../protocol/run-event.ts';

export function runMissing(run: string): StrataError {
  return new StrataError(
    'run-missing',
    `The run ${run} is not in this workspace's history.`,
    'Open the folder that it ran in, or pick a run from the Strata view.',
  );
}

export function payloadMissing(): StrataError {
  return new StrataError(
    'payload-missing',
    'Nothing was recorded here.',
    'The step may have been interrupted; look at its overview.',
  );
}

export function errorInfo(error: unknown): ErrorInfo {
  if (isStrataError(error)) return { code: error.code, message: error.message, action: error.action };
  return { code: 'unexpected', message: messageOf(error) };
}
