import type * as vscode from 'vscode';
import type { RunEnd, RunHandle } from '../../core/orchestration/index.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { pauseWords } from '../commands/pause-words.ts';
import { errorInfo } from '../error-info.ts';
import type { FolderSession } from '../folder-session.ts';
import { folderTakenAway } from './errors.ts';

/**
 * Waits for the end of the run, and offers what can be done with it. No text follows the answer: the chat folds away all that
 * stands before the last text.
 */
export async function closeTurn(
  session: FolderSession,
  handle: RunHandle,
  shown: { readonly hasShownText: () => boolean; readonly isOpen: () => boolean },
  stream: vscode.ChatResponseStream,
): Promise<vscode.ChatErrorDetails | undefined> {
  const { run } = handle;
  const end = await handle.ended;
  if (end.status === 'succeeded' && !shown.hasShownText() && end.answer) stream.markdown(end.answer);
  // Nothing can be done with a run of a folder that is not there, nor is its log open.
  if (!shown.isOpen()) return turnError(end, { isOpen: false });
  const changes = session.core.changes(run);
  if (changes && session.view(run)?.changes === undefined) {
    button(stream, 'strata.applyChanges', `Apply Changes to ${filesOf(changes.paths)}`, run);
    button(stream, 'strata.discardChanges', 'Discard Changes', run);
  }
  if (end.status === 'paused') button(stream, 'strata.resumeRun', 'Resume', run);
  button(stream, 'strata.openTrace', 'Open Trace', run);
  return turnError(end, { isOpen: true });
}

/** Undefined where the turn ended as it should. `isOpen`: its folder is in this window still. */
export function turnError(
  end: RunEnd,
  { isOpen }: { readonly isOpen: boolean },
): vscode.ChatErrorDetails | undefined {
  if (!isOpen && end.status !== 'succeeded') return chatError(folderTakenAway());
  switch (end.status) {
    case 'succeeded':
      return undefined;
    case 'stopped':
      return { message: 'The run was stopped.' };
    case 'paused':
      return { message: pauseWords(end.error) };
    case 'failed':
      return chatError(end.error);
  }
}

export function chatError(error: unknown): vscode.ChatErrorDetails {
  const { message, action } = errorInfo(error);
  return { message: action === undefined ? message : `${message} ${action}` };
}

function button(stream: vscode.ChatResponseStream, command: string, title: string, run: RunId): void {
  stream.button({ command, title, arguments: [{ run }] });
}

function filesOf(paths: readonly string[]): string {
  const [only] = paths;
  return paths.length === 1 && only !== undefined ? only : `${paths.length} Files`;
}
