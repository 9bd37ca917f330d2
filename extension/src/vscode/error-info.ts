import { isStrataError, messageOf } from '../base/errors.ts';
import type { ErrorInfo } from '../protocol/run-event.ts';

/** An error as a page shows it. */
export function errorInfo(error: unknown): ErrorInfo {
  if (isStrataError(error)) return { code: error.code, message: error.message, action: error.action };
  return { code: 'unexpected', message: messageOf(error) };
}
