import * as vscode from 'vscode';
import type { ApprovalRequest } from '../../core/orchestration/index.ts';
import { whileOpen } from '../while-open.ts';
import type { ApprovalDesk } from './desk.ts';

/** How a call is answered, by the name of what decides it. */
export type Decision = 'allow' | 'edit' | 'refuse';

const CHOICES: readonly (vscode.MessageItem & { readonly decision: Decision })[] = [
  { title: 'Allow', decision: 'allow' },
  { title: 'Edit…', decision: 'edit' },
  { title: 'Refuse…', decision: 'refuse' },
];

/**
 * Tells of each call that waits, once, and counts those that still do in the status bar. A message that is dismissed decides
 * nothing: the call goes on waiting, and is found again through the status bar, the Runs view and the trace.
 */
export function tellOfApprovals(
  desk: ApprovalDesk,
  decide: (request: ApprovalRequest, decision: Decision) => Promise<unknown>,
): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('strata.approvals', vscode.StatusBarAlignment.Left);
  item.name = 'Strata: Approvals';
  item.command = 'strata.answerApproval';
  item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  const tell = async (request: ApprovalRequest): Promise<void> => {
    const text = `An agent wants to call ${request.tool} with ${shortArguments(request, SHOWN)}`;
    const choice = await whileOpen(vscode.window.showWarningMessage(text, ...CHOICES));
    if (choice) await decide(request, choice.decision);
  };
  const changed = desk.onDidChange((request) => {
    const count = desk.pending.length;
    const words = count === 1 ? '1 approval' : `${count} approvals`;
    item.text = `$(shield) ${words}`;
    item.tooltip = `Strata: ${words} waiting for you`;
    item.accessibilityInformation = { label: `Strata: ${words} waiting for you`, role: 'button' };
    if (count > 0) item.show();
    else item.hide();
    if (desk.find(request.run, request.step) === request) void tell(request);
  });
  return vscode.Disposable.from(item, { dispose: () => changed.dispose() });
}

const SHOWN = 300;

export function shortArguments({ arguments: given }: ApprovalRequest, limit: number): string {
  const text = JSON.stringify(given);
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
