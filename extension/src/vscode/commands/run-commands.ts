import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import type { RunEnd, RunHandle } from '../../core/orchestration/index.ts';
import type { FolderSession } from '../folder-session.ts';
import { chooseFolder, chooseRun, given, isAtRest } from './choose.ts';
import type { Command, CommandContext } from './context.ts';
import { applyChanges } from './change-commands.ts';

export const runAgent: Command = async (context, args) => {
  requireTrust();
  const session = await chooseFolder(context, args);
  const agent = args.agent ?? (await pickAgent(session));
  const task = args.task ?? (await askTask(agent));
  const handle = session.adopt(await session.core.start({ agent, task }));
  return follow(context, session, handle, args.wait ?? false);
};

export const resumeRun: Command = async (context, args) => {
  requireTrust();
  const { session, run } = await chooseRun(context, args, 'Run to resume', ({ status }) =>
    ['paused', 'interrupted', 'stopped'].includes(status),
  );
  const handle = session.adopt(await session.core.resume(run));
  return follow(context, session, handle, args.wait ?? false);
};

export const stopRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(
    context,
    args,
    'Run to stop',
    ({ status }) => status === 'running',
  );
  const handle = session.handle(run);
  if (!handle) {
    throw new StrataError(
      'run-elsewhere',
      session.isLive(run) ? 'Another window or terminal works on this run.' : 'Nothing works on this run.',
      session.isLive(run) ? 'Stop it there.' : 'There is nothing to stop.',
    );
  }
  handle.stop();
  const end = await handle.ended;
  return { run, status: end.status };
};

export const replayRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to replay', isAtRest);
  const report = await session.core.replay(run);
  const open = { title: 'Open Trace', run };
  if (report.verdict === 'diverged') {
    const where = report.divergence?.step === undefined ? 'at its end' : `at step ${report.divergence.step}`;
    void offer(
      context,
      vscode.window.showWarningMessage(
        `The replay diverged ${where}: recorded ${shorten(report.divergence?.recorded)}, replayed ${shorten(report.divergence?.actual)}.`,
        open,
      ),
    );
  } else {
    const equal = report.verdict === 'equal' ? 'No divergence' : 'No divergence as far as the recording goes';
    void offer(
      context,
      vscode.window.showInformationMessage(
        `${equal}: ${report.steps} steps replayed from the log, without a model, a tool or the network.`,
        open,
      ),
    );
  }
  return report;
};

export const openTrace: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to open');
  (await context.panels()).open(run, args.step === undefined ? {} : { step: args.step });
  return { run, folder: session.folder };
};

function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new StrataError(
    'not-trusted',
    'This folder is not trusted, so no agent and no tool starts in it.',
    'Trust it with “Workspaces: Manage Workspace Trust” if you know where it comes from.',
  );
}

async function pickAgent(session: FolderSession): Promise<string> {
  const { agents, mistakes } = await session.core.agents();
  const items = [...agents.values()].map(({ name, description }) => ({ label: name, detail: description }));
  const broken = [...mistakes].map(([name, mistake]) => ({
    label: name,
    description: '$(error) has a mistake',
    detail: mistake.message,
  }));
  const picked = await vscode.window.showQuickPick([...items, ...broken], {
    placeHolder: 'Agent',
    title: 'Run Agent',
  });
  return given(picked).label;
}

async function askTask(agent: string): Promise<string> {
  const task = await vscode.window.showInputBox({
    title: `Run Agent: ${agent}`,
    prompt: 'What shall it do?',
    placeHolder: 'Make the failing test pass',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Say what the agent shall do.' : undefined),
  });
  return given(task).trim();
}

async function follow(
  context: CommandContext,
  session: FolderSession,
  handle: RunHandle,
  wait: boolean,
): Promise<{ readonly run: string; readonly status: string }> {
  const ended = handle.ended.then(
    (end) => announce(context, session, end),
    (error: unknown) => {
      context.report(error);
      return 'interrupted';
    },
  );
  context.refreshRuns();
  return { run: handle.run, status: wait ? await ended : 'running' };
}

/** Says how a run ended; who waits for nothing else reads it here. */
function announce(context: CommandContext, session: FolderSession, end: RunEnd): string {
  const { run, status } = end;
  const open = { title: 'Open Trace', run };
  if (status === 'succeeded') {
    const changes = session.core.changes(run);
    const files = changes
      ? ` It changed ${changes.paths.length === 1 ? '1 file' : `${changes.paths.length} files`}.`
      : '';
    const apply = { title: 'Apply Changes', run, apply: true };
    void offer(
      context,
      vscode.window.showInformationMessage(
        `The run has finished.${files}`,
        ...(changes ? [apply] : []),
        open,
      ),
    );
  } else if (status === 'paused') {
    const resume = { title: 'Resume', run, resume: true };
    void offer(
      context,
      vscode.window.showWarningMessage(
        `The run is paused. ${end.error.message} ${end.error.action}`,
        resume,
        open,
      ),
    );
  } else if (status === 'failed') {
    const message = end.error instanceof Error ? end.error.message : 'See its trace.';
    void offer(context, vscode.window.showErrorMessage(`The run has failed. ${message}`, open));
  }
  return status;
}

interface Choice extends vscode.MessageItem {
  readonly run: string;
  readonly apply?: boolean;
  readonly resume?: boolean;
}

async function offer(context: CommandContext, shown: Thenable<Choice | undefined>): Promise<void> {
  const choice = await shown;
  if (!choice) return;
  const command = choice.apply ? applyChanges : choice.resume ? resumeRun : openTrace;
  await command(context, { run: choice.run }).catch(context.report);
}

function shorten(text = ''): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
