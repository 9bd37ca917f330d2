import * as vscode from 'vscode';
import { loadOnce } from '../base/load-once.ts';
import type { FolderSession } from './folder-session.ts';
import type { MetricsPanels } from './metrics-panel/index.ts';
import type { MeasuredFolder } from './metrics-panel/ports.ts';
import type { Sessions } from './sessions.ts';

export interface MetricsRegistrationHost {
  readonly extensionUri: vscode.Uri;
  readonly sessions: Sessions;
  readonly report: (error: unknown) => void;
}

export interface RegisteredMetrics extends vscode.Disposable {
  show(session: FolderSession): Promise<void>;
}

/** The panels of metrics, made at first use: their bundle is not loaded before. */
export function registerMetrics({
  extensionUri,
  sessions,
  report,
}: MetricsRegistrationHost): RegisteredMetrics {
  const panels = loadOnce(async (): Promise<MetricsPanels> => {
    const { createMetricsPanels } = await import('./metrics-panel/index.ts');
    return createMetricsPanels({
      extensionUri,
      measured: (folder) => {
        const session = sessions.opened.find((one) => one.folder === folder);
        return session && measuredFolder(session);
      },
      actions: {
        openRun: async (run) => vscode.commands.executeCommand('strata.openTrace', { run }),
        runAgent: async (folder) => vscode.commands.executeCommand('strata.runAgent', { folder }),
      },
    });
  });
  const disposables: readonly { dispose(): unknown }[] = [
    sessions.onDidAppend(() => {
      panels.known()?.then((known) => {
        known.changed();
      }, report);
    }),
    vscode.window.registerWebviewPanelSerializer('strata.metrics', {
      deserializeWebviewPanel: async (panel, state) => {
        await sessions.all();
        (await panels.get()).restore(panel, state);
      },
    }),
  ];
  return {
    show: async (session) => {
      (await panels.get()).open(measuredFolder(session));
    },
    dispose: () => {
      for (const disposable of disposables) disposable.dispose();
      panels.known()?.then((known) => {
        known.dispose();
      }, report);
    },
  };
}

function measuredFolder({ folder, name, core }: FolderSession): MeasuredFolder {
  return { folder, name, metrics: core.metrics, find: (run) => core.store.find(run) };
}
