import * as vscode from 'vscode';
import type { JsonObject } from '../../base/json.ts';
import type { ApprovalAnswer, ApprovalRequest } from '../../core/orchestration/index.ts';
import type { TextPrompts } from '../text-prompts.ts';
import { whileOpen } from '../while-open.ts';
import type { ApprovalDesk } from './desk.ts';
import type { Decision } from './messages.ts';

/** Answers a call, asking for what the decision needs. False when that was called off, or somebody was quicker. */
export async function decideApproval(
  desk: ApprovalDesk,
  prompts: TextPrompts,
  request: ApprovalRequest,
  decision: Decision,
): Promise<boolean> {
  const answer = desk.find(request.run, request.step) && (await answerFor(prompts, request, decision));
  if (answer && desk.answer(request.run, request.step, answer)) return true;
  if (answer || !desk.find(request.run, request.step))
    void vscode.window.showInformationMessage(`The call of ${request.tool} is not waiting any more.`);
  return false;
}

async function answerFor(
  prompts: TextPrompts,
  request: ApprovalRequest,
  decision: Decision,
): Promise<ApprovalAnswer | undefined> {
  switch (decision) {
    case 'allow':
      return { allowed: true };
    case 'edit': {
      const text = await prompts.ask({
        name: `Arguments of ${request.tool}.json`,
        text: `${JSON.stringify(request.arguments, undefined, 2)}\n`,
        confirm: 'Call the tool with these arguments (save)',
        check: (given) => (objectIn(given) ? undefined : 'The arguments of a tool are one JSON object.'),
      });
      const edited = text === undefined ? undefined : objectIn(text);
      return edited && { allowed: true, arguments: edited };
    }
    case 'refuse': {
      const reason = await whileOpen(
        vscode.window.showInputBox({
          title: `Refuse ${request.tool}`,
          prompt: 'Enter refuses the call. What you write here, the agent reads.',
          placeHolder: 'Why not, or what to do instead (optional)',
          ignoreFocusOut: true,
        }),
      );
      if (reason === undefined) return undefined;
      return { allowed: false, ...(reason.trim() ? { reason: reason.trim() } : {}) };
    }
  }
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
