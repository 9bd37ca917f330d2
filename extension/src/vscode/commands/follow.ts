import * as vscode from 'vscode';
import { readBudgetReason } from '../../core/models/budget-reason.ts';
import type { RunEnd, RunHandle } from '../../core/orchestration/index.ts';
import type { RunId } from '../../protocol/run-event.ts';
import type { FolderSession } from '../folder-session.ts';
import type { CommandContext } from './context.ts';
import { pauseWords } from './pause-words.ts';

export interface Begun {
  readonly run: string;
  readonly status: string;
}

/** Keeps a run of this window in view, and says how it ended. */
export async function follow(
  context: CommandContext,
  session: FolderSession,
  handle: RunHandle,
  wait: boolean,
): Promise<Begun> {
  session.adopt(handle);
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
  const open = { title: 'Open Trace', run, command: 'strata.openTrace' };
  if (status === 'succeeded') {
    const changes = session.core.changes(run);
    const files = changes
      ? ` It changed ${changes.paths.length === 1 ? '1 file' : `${changes.paths.length} files`}.`
      : '';
    const apply = { title: 'Apply Changes', run, command: 'strata.applyChanges' };
    offer(
      context,
      vscode.window.showInformationMessage(
        `The run has finished.${files}`,
        ...(changes ? [apply] : []),
        open,
      ),
    );
  } else if (status === 'paused') {
    const { code, message, action } = end.error;
    if (isBudget(code)) offerMore(context, run, pauseWords({ code, message }));
    else {
      const resume = { title: 'Resume', run, command: 'strata.resumeRun' };
      const text = pauseWords({ code, message, action });
      offer(context, vscode.window.showWarningMessage(text, resume, open));
    }
  } else if (status === 'failed') {
    const message = end.error instanceof Error ? end.error.message : 'See its trace.';
    offer(context, vscode.window.showErrorMessage(`The run has failed. ${message}`, open));
  }
  return status;
}

/** The run met a budget that is spent. Resuming it says that as much again may be spent. */
export function isBudget(code: string): boolean {
  return readBudgetReason(code) !== undefined;
}

/** For a run that waits for a budget. */
export function offerMore(context: CommandContext, run: RunId, text: string): void {
  offer(
    context,
    vscode.window.showWarningMessage(
      text,
      { title: 'Allow as Much Again and Resume', run, command: 'strata.resumeRun' },
      { title: 'Show Models', run, command: 'strata.models.focus' },
    ),
  );
}

/** A button of a message: a command for a run. */
export interface Choice extends vscode.MessageItem {
  readonly run: string;
  readonly command: string;
}

/** Does what the person chooses, whenever that is. */
export function offer(context: CommandContext, shown: Thenable<Choice | undefined>): void {
  void (async () => {
    const choice = await shown;
    if (choice) await vscode.commands.executeCommand(choice.command, { run: choice.run });
  })().catch(context.report);
}
