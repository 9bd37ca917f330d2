import * as vscode from 'vscode';
import { isAbort, isStrataError } from '../base/errors.ts';
import { Dismissed } from './dismissed.ts';

export interface Working {
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Does something that a person waits for and may call off, with a line about what is being done. */
export async function withProgress<T>(title: string, work: (working: Working) => Promise<T>): Promise<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const stop = new AbortController();
      const listener = token.onCancellationRequested(() => stop.abort());
      try {
        return await work({
          signal: stop.signal,
          say: (text) => progress.report({ message: lastLine(text) }),
        });
      } catch (error) {
        // Whoever calls something off needs no word about it.
        if (stop.signal.aborted && (isAbort(error) || error === stop.signal.reason)) throw new Dismissed();
        // Nor does whoever has just said no to a set-up.
        if (isStrataError(error) && error.code === 'tool-server-refused') throw new Dismissed();
        throw error;
      } finally {
        listener.dispose();
      }
    },
  );
}

const LONGEST = 120;

/** A notification has room for one line; a build prints thousands. */
function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
