import * as vscode from 'vscode';
import type { ApprovalAnswer, ApprovalRequest, UnknownDecision } from '../core/orchestration/index.ts';
import type { StepView } from '../protocol/run-view.ts';
import { whileOpen } from './while-open.ts';

/** Asks without blocking the editor. A message that is dismissed refuses: nothing is allowed by looking away. */
export async function askApproval(request: ApprovalRequest, signal: AbortSignal): Promise<ApprovalAnswer> {
  const detail = JSON.stringify(request.arguments);
  const shown = detail.length > 300 ? `${detail.slice(0, 299)}…` : detail;
  const answer = await untilAborted(
    vscode.window.showWarningMessage(
      `An agent wants to call ${request.tool} with ${shown}`,
      'Allow',
      'Refuse',
    ),
    signal,
  );
  return answer === 'Allow' ? { allowed: true } : { allowed: false };
}

export async function askUnknown(step: StepView): Promise<UnknownDecision> {
  const again = { title: 'Do It Again' };
  const skip = { title: 'Go On Without It' };
  const asked = vscode.window.showWarningMessage(
    `Step ${step.id} (${step.name}) was cut off, and it is not known whether it took effect.`,
    {
      modal: true,
      detail: 'Look at what it may have changed before you decide. Cancel leaves the run paused.',
    },
    again,
    skip,
  );
  const answer = await whileOpen(asked);
  return answer === again ? 'again' : answer === skip ? 'skip' : 'pause';
}

function untilAborted<T>(shown: Thenable<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    whileOpen(shown).then(resolve, reject);
  });
}
