import { messageOf } from '../base/errors.ts';

/**
 * The editor's answer, for as long as there is an editor. When the window closes or reloads, VS Code rejects everything
 * that is pending as `Canceled`. That is nobody's answer and no failure: this process is about to end, and the run goes on
 * from its log in the next window. So such a promise stays open.
 */
export function whileOpen<T>(asked: Thenable<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.then(resolve, (error: unknown) => {
      if (error instanceof Error && error.name === 'Canceled') return;
      reject(error instanceof Error ? error : new Error(messageOf(error)));
    });
  });
}
