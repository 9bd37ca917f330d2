import * as vscode from 'vscode';
import { isStrataError, messageOf } from '../base/errors.ts';
import { isDismissed } from './dismissed.ts';

/** Shows an error as one message that says what to do, and keeps its details in the log. */
export function createReport(log: vscode.LogOutputChannel): (error: unknown) => void {
  return (error) => {
    if (isDismissed(error)) return;
    log.error(error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
    const known = isStrataError(error);
    const text = known
      ? `${error.message} ${error.action}`
      : `Something unexpected went wrong: ${messageOf(error)}`;
    void offerLog(log, vscode.window.showErrorMessage(text, ...(known ? [] : [SHOW_LOG])));
  };
}

const SHOW_LOG = 'Show Log';

async function offerLog(log: vscode.LogOutputChannel, shown: Thenable<string | undefined>): Promise<void> {
  if ((await shown) === SHOW_LOG) log.show();
}
