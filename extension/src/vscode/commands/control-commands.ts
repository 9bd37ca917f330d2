import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import type { ApprovalRequest, RunHandle } from '../../core/orchestration/index.ts';
import type { RunSummary } from '../../node/sqlite/index.ts';
import { decideApproval, shortArguments } from '../approvals/index.ts';
import type { FolderSession } from '../folder-session.ts';
import type { CommandArguments } from './arguments.ts';
import { chooseRun } from './choose.ts';
import { given } from '../dismissed.ts';
import type { Command, CommandContext } from './context.ts';

export const stopRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to stop', isRunning);
  const handle = ownHandle(session, run, 'Stop it there.');
  handle.stop();
  return { run, status: (await handle.ended).status };
};

export const pauseRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to pause', isRunning);
  const handle = ownHandle(session, run, 'Pause it there.');
  handle.pause();
  return { run, status: args.wait ? (await handle.ended).status : 'pausing' };
};

/** What is said reaches the agent with its next model call. */
export const steerRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to steer', isRunning);
  const handle = ownHandle(session, run, 'Say it there.');
  const { route, prompt } = args;
  const silent = route !== undefined || prompt !== undefined;
  const text = args.text ?? (silent ? undefined : await askMessage());
  handle.steer({
    ...(text === undefined ? {} : { text }),
    ...(route === undefined ? {} : { route }),
    ...(prompt === undefined ? {} : { prompt }),
  });
  return { run };
};

/** Answers a tool call that waits: the one that is named, or one that the person picks. */
export const answerApproval: Command = async (context, args) => {
  const request = await chooseApproval(context, args);
  const { run, step } = request;
  const { decision, text } = args;
  if (args.arguments && decision !== 'refuse') {
    const answered = context.approvals.answer(run, step, { allowed: true, arguments: args.arguments });
    return { run, step, answered };
  }
  if (decision === 'refuse' && text !== undefined) {
    const answered = context.approvals.answer(run, step, { allowed: false, reason: text });
    return { run, step, answered };
  }
  const chosen = decision ?? (await pickDecision(request));
  return { run, step, answered: await decideApproval(context.approvals, context.prompts, request, chosen) };
};

export const allowCall: Command = (context, args) => answerApproval(context, { ...args, decision: 'allow' });
export const editCall: Command = (context, args) => answerApproval(context, { ...args, decision: 'edit' });
export const refuseCall: Command = (context, args) =>
  answerApproval(context, { ...args, decision: 'refuse' });

function isRunning({ status }: RunSummary): boolean {
  return status === 'running';
}

/** Only the process that works on a run can do something to it. */
function ownHandle(session: FolderSession, run: string, action: string): RunHandle {
  const handle = session.handle(run);
  if (handle) return handle;
  const live = session.isLive(run);
  throw new StrataError(
    'run-elsewhere',
    live ? 'Another window or terminal works on this run.' : 'Nothing works on this run.',
    live ? action : 'Resume it first if it is to go on.',
  );
}

async function askMessage(): Promise<string> {
  const text = await vscode.window.showInputBox({
    title: 'Steer Run',
    prompt: 'The agent reads it before its next step.',
    placeHolder: 'Leave the tests as they are',
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? 'Say something to the agent.' : undefined),
  });
  return given(text).trim();
}

async function chooseApproval(
  { approvals }: CommandContext,
  { run, step }: CommandArguments,
): Promise<ApprovalRequest> {
  const fitting = approvals.pending.filter(
    (one) => (run === undefined || one.run === run) && (step === undefined || one.step === step),
  );
  const [only] = fitting;
  if (!only) {
    throw new StrataError(
      'no-approval',
      'No tool call waits for your approval here.',
      'A run that waits in another window or terminal is answered there.',
    );
  }
  if (fitting.length === 1) return only;
  const items = fitting.map((request) => ({
    label: request.tool,
    description: `step ${request.step} of ${request.run}`,
    detail: shortArguments(request, 200),
    request,
  }));
  const placeHolder = 'Tool calls that wait for you';
  return given(await vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true })).request;
}

async function pickDecision(request: ApprovalRequest): Promise<'allow' | 'edit' | 'refuse'> {
  const items = [
    { label: '$(check) Allow', detail: shortArguments(request, 200), decision: 'allow' },
    { label: '$(edit) Edit…', detail: 'Change the arguments, then allow', decision: 'edit' },
    { label: '$(circle-slash) Refuse…', detail: 'The agent may be told why', decision: 'refuse' },
  ] as const;
  return given(await vscode.window.showQuickPick(items, { placeHolder: `Call of ${request.tool}` })).decision;
}
