import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { metricsStateSchema } from '../../protocol/metrics-panel-schema.ts';
import { machineClock } from '../machine-clock.ts';
import { pageOf, webviewOptions } from '../webview-files.ts';
import type { MeasuredFolder, MetricsActions } from './ports.ts';
import { MetricsSession } from './session.ts';

const METRICS_PANEL = 'strata.metrics';

export interface MetricsPanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly actions: MetricsActions;
  /** One of the open folders. */
  readonly measured: (folder: string) => MeasuredFolder | undefined;
}

export interface MetricsPanels extends Disposable {
  open(folder: MeasuredFolder): void;
  /** Takes a panel over that VS Code kept from before the window was reloaded. */
  restore(panel: vscode.WebviewPanel, state: unknown): void;
  /** Runs of some folder went on. */
  changed(): void;
}

/** The open panels of metrics, one for a folder. */
export function createMetricsPanels({ extensionUri, actions, measured }: MetricsPanelDeps): MetricsPanels {
  const open = new Map<string, { readonly panel: vscode.WebviewPanel; readonly session: MetricsSession }>();

  const adopt = (panel: vscode.WebviewPanel, folder: MeasuredFolder): void => {
    const { webview } = panel;
    webview.options = webviewOptions(extensionUri);
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'strata.svg');
    panel.title = `Metrics: ${folder.name}`;
    const session = new MetricsSession({
      ...{ folder, actions },
      post: (message) => void webview.postMessage(message),
      showError: (message) => void vscode.window.showErrorMessage(message),
      ...machineClock,
    });
    open.set(folder.folder, { panel, session });
    webview.onDidReceiveMessage((message: unknown) => session.receive(message));
    panel.onDidChangeViewState(() => {
      if (!panel.visible) session.hidden();
    });
    panel.onDidDispose(() => {
      if (open.get(folder.folder)?.panel === panel) open.delete(folder.folder);
      session.dispose();
    });
    webview.html = pageOf(webview, extensionUri, { name: 'metrics', title: 'Strata metrics' });
  };

  return {
    open: (folder) => {
      const known = open.get(folder.folder);
      if (known) {
        known.panel.reveal();
        return;
      }
      adopt(
        vscode.window.createWebviewPanel(
          METRICS_PANEL,
          'Metrics',
          vscode.ViewColumn.Active,
          webviewOptions(extensionUri),
        ),
        folder,
      );
    },
    restore: (panel, state) => {
      const parsed = metricsStateSchema.safeParse(state);
      const folder = parsed.success ? measured(parsed.data.folder) : undefined;
      if (folder) adopt(panel, folder);
      else panel.dispose();
    },
    changed: () => {
      for (const { session } of open.values()) session.changed();
    },
    dispose: () => {
      for (const { panel } of [...open.values()]) panel.dispose();
    },
  };
}
