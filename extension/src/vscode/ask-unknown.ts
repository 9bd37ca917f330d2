import * as vscode from 'vscode';
import type { UnknownDecision } from '../core/orchestration/index.ts';
import type { StepView } from '../protocol/run-view.ts';
import { whileOpen } from './while-open.ts';

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
