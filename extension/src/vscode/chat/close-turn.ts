import type * as vscode from 'vscode';
import type { RunEnd, RunHandle } from '../../core/orchestration/index.ts';
import { formatDuration, formatRunCost, formatTokens } from '../../protocol/format.ts';
import type { RunId } from '../../protocol/run-event.ts';
import { pauseWords } from '../commands/pause-words.ts';
import { errorInfo } from '../error-info.ts';
import type { FolderSession } from '../folder-session.ts';

/** Waits for the end of the run, says how it was, and offers what can be done with it. */
export async function closeTurn(
  session: FolderSession,
  handle: RunHandle,
  hasShownText: () => boolean,
  stream: vscode.ChatResponseStream,
): Promise<vscode.ChatErrorDetails | undefined> {
  const { run } = handle;
  const end = await handle.ended;
  if (end.status === 'succeeded' && !hasShownText() && end.answer) stream.markdown(end.answer);
  const changes = session.core.changes(run);
  const isUndecided = changes !== undefined && session.view(run)?.changes === undefined;
  if (isUndecided) {
    stream.markdown(`\n\nChanged, in a copy of the folder: ${changes.paths.map(code).join(', ')}`);
    button(stream, 'strata.applyChanges', 'Apply Changes', run);
    button(stream, 'strata.discardChanges', 'Discard Changes', run);
  }
  if (end.status === 'paused') button(stream, 'strata.resumeRun', 'Resume', run);
  button(stream, 'strata.openTrace', 'Open Trace', run);
  const summary = session.core.store.find(run);
  if (summary) {
    const size = [
      formatDuration(summary.updatedAt - summary.startedAt),
      `${formatTokens(summary.tokens)} tokens`,
      formatRunCost(summary),
    ];
    stream.markdown(`\n\n${summary.agent} · ${size.join(' · ')}`);
  }
  return errorOf(end);
}

function errorOf(end: RunEnd): vscode.ChatErrorDetails | undefined {
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

function code(path: string): string {
  return `\`${path.replaceAll('`', '')}\``;
}
