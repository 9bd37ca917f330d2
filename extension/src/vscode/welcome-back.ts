import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { taskTitle } from '../core/observability/task-title.ts';
import { folderHome } from '../node/home.ts';
import type { CommandContext } from './commands/index.ts';
import { commands, isBudget, offerMore } from './commands/index.ts';
import { takeOpenRequest } from './open-request.ts';

/**
 * What a window that was just opened owes the user: the run that they came for, and those that were cut off or wait for a
 * budget. Nothing is loaded for a folder in which Strata was never used.
 */
export async function welcomeBack(home: string, context: CommandContext): Promise<void> {
  const used = (vscode.workspace.workspaceFolders ?? []).filter(
    ({ uri }) => uri.scheme === 'file' && wasUsed(home, uri.fsPath),
  );
  if (used.length === 0) return;
  const wanted = await takeOpenRequest(
    home,
    used.map(({ uri }) => uri.fsPath),
    Date.now(),
  );
  if (wanted !== undefined) {
    await vscode.commands.executeCommand('workbench.view.extension.strata');
    await vscode.commands.executeCommand('strata.openTrace', { run: wanted });
  }
  if (!vscode.workspace.isTrusted) return;
  for (const folder of used) {
    const session = await context.sessions.get(folder);
    const [newest] = session.list(1);
    if (!newest || Date.now() - newest.updatedAt >= OFFERED_MS) continue;
    const { id, task, status } = newest;
    if (status === 'interrupted') void offerToGoOn(id, task, context);
    const error = status === 'paused' ? session.view(id)?.error : undefined;
    if (error && isBudget(error.code))
      offerMore(context, id, `A run is paused: “${taskTitle(task)}”. ${error.message}`);
  }
}

/** Only the newest run of a folder is offered, and for a day: whoever wants an older one finds it in the view. */
const OFFERED_MS = 24 * 60 * 60 * 1000;

async function offerToGoOn(run: string, task: string, context: CommandContext): Promise<void> {
  const resume = 'Resume';
  const open = 'Open Trace';
  const chosen = await vscode.window.showInformationMessage(
    `A run was cut off: “${taskTitle(task)}”. It can go on after its last finished step.`,
    resume,
    open,
  );
  const name = chosen === resume ? 'strata.resumeRun' : chosen === open ? 'strata.openTrace' : undefined;
  if (name) await commands[name]?.(context, { run }).catch(context.report);
}

function wasUsed(home: string, folder: string): boolean {
  try {
    return existsSync(path.join(folderHome(home, folder), 'runs.db'));
  } catch {
    // The folder is gone; then there is nothing to show of it.
    return false;
  }
}
