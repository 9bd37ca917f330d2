import type { ErrorInfo } from '../../protocol/run-event.ts';

/** Why a run stands still, and what to do. That a person paused it says no more than that it is paused. */
export function pauseWords({ code, message, action = '' }: ErrorInfo): string {
  const reason = code === 'paused-by-user' ? '' : message;
  return ['The run is paused.', reason, action].filter((part) => part !== '').join(' ');
}
