import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { DEFAULT_RETENTION } from '../core/orchestration/retention.ts';
import type { Sessions } from './sessions.ts';

/** Long after a window has opened, when nobody waits for anything. */
const FIRST_MS = 5 * 60_000;
const AGAIN_MS = 12 * 60 * 60_000;
const LIMIT_MS = 30 * 60_000;
const MEGABYTE = 1024 ** 2;

/** Removes old runs by the user's settings, folder by folder, while no run goes on in this window. */
export function tidyWhenIdle(sessions: Sessions, report: (error: unknown) => void): Disposable {
  const ending = new AbortController();
  const tidy = async (): Promise<void> => {
    for (const session of sessions.opened) {
      if (ending.signal.aborted || session.list(1).some(({ id }) => session.isLive(id))) continue;
      const settings = vscode.workspace.getConfiguration(
        'strata.run.retention',
        vscode.Uri.file(session.folder),
      );
      const policy = {
        days: settings.get('days', DEFAULT_RETENTION.days),
        runs: settings.get('runs', DEFAULT_RETENTION.runs),
        bytes: settings.get('megabytes', DEFAULT_RETENTION.bytes / MEGABYTE) * MEGABYTE,
      };
      await session.core.tidy(policy, AbortSignal.any([ending.signal, AbortSignal.timeout(LIMIT_MS)]));
    }
  };
  const run = (): void => {
    tidy().catch((error: unknown) => {
      if (!ending.signal.aborted) report(error);
    });
  };
  const first = setTimeout(run, FIRST_MS);
  const again = setInterval(run, AGAIN_MS);
  return {
    dispose: () => {
      clearTimeout(first);
      clearInterval(again);
      ending.abort();
    },
  };
}
