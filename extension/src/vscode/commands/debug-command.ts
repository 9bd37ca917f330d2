import * as vscode from 'vscode';
import { chooseRun } from './choose.ts';
import type { Command } from './context.ts';

/** Opens a recorded run in the editor's debugger. It only reads, so it needs no trust in the folder. */
export const debugRun: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to walk in the debugger');
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(session.folder));
  const started = await vscode.debug.startDebugging(folder, {
    ...{ type: 'strata-replay', request: 'launch', name: `Replay ${run}` },
    ...{ run, stopOnEntry: true },
  });
  // What the walk is for, the stack of agents and the variables, is there.
  if (started) await vscode.commands.executeCommand('workbench.view.debug');
  return { run, started };
};
