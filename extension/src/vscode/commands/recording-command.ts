import path from 'node:path';
import * as vscode from 'vscode';
import { chooseRun, isAtRest } from './choose.ts';
import { given } from '../dismissed.ts';
import type { Command } from './context.ts';

/** Saves a run as a test of the Test Explorer. */
export const saveRecording: Command = async (context, args) => {
  const { session, run } = await chooseRun(context, args, 'Run to save as a test', isAtRest);
  const recordings = await import('../../node/recordings/index.ts');
  const name = args.name ?? (await askName(recordings.suggestName(session.view(run)?.task ?? '')));
  const file = recordings.recordingFile(session.folder, name);
  await recordings.saveRecording(session.core.store, run, file, { replace: false });
  await context.refreshReplays();
  if (args.name === undefined) {
    const shown = await vscode.window.showInformationMessage(
      `The run is a test of the Test Explorer now: ${path.basename(file)}.`,
      'Open File',
    );
    if (shown) await vscode.window.showTextDocument(vscode.Uri.file(file));
  }
  return { run, file };
};

async function askName(suggested: string): Promise<string> {
  const name = await vscode.window.showInputBox({
    title: 'Save Run as Test',
    prompt: 'Name of the file in .strata/replays',
    value: suggested,
    validateInput: (text) => (text.trim() === '' ? 'Give it a name.' : undefined),
  });
  return given(name).trim();
}
