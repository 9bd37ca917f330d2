import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { compareStateSchema } from '../../protocol/compare-panel-schema.ts';
import type { RunComparison } from '../../core/orchestration/compare/index.ts';
import type { ComparedPair } from '../../protocol/compare-panel.ts';
import { machineClock } from '../machine-clock.ts';
import { pageOf, webviewOptions } from '../webview-files.ts';
import type { CompareActions, CompareSource } from './ports.ts';
import { CompareSession } from './session.ts';

const COMPARE_PANEL = 'strata.compare';

export interface ComparePanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly source: CompareSource;
  readonly actions: CompareActions;
  readonly titleOf: (pair: ComparedPair) => string;
}

export interface ComparePanels extends Disposable {
  /** What the runs are found to be; undefined where they cannot be compared, which the panel says. */
  open(pair: ComparedPair): Promise<RunComparison | undefined>;
  /** Takes a panel over that VS Code kept from before the window was reloaded. */
  restore(panel: vscode.WebviewPanel, state: unknown): void;
  /** Some run went on, or was removed. */
  changed(): void;
}

/** The open comparisons, one for each pair of runs. */
export function createComparePanels({
  extensionUri,
  source,
  actions,
  titleOf,
}: ComparePanelDeps): ComparePanels {
  const open = new Map<string, { readonly panel: vscode.WebviewPanel; readonly session: CompareSession }>();

  const adopt = (panel: vscode.WebviewPanel, pair: ComparedPair): CompareSession => {
    const { webview } = panel;
    const key = keyOf(pair);
    webview.options = webviewOptions(extensionUri);
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'strata.svg');
    panel.title = titleOf(pair);
    const session = new CompareSession({
      ...{ pair, source, actions },
      post: (message) => void webview.postMessage(message),
      showError: (message) => void vscode.window.showErrorMessage(message),
      ...machineClock,
    });
    open.set(key, { panel, session });
    webview.onDidReceiveMessage((message: unknown) => session.receive(message));
    panel.onDidChangeViewState(() => {
      if (!panel.visible) session.hidden();
    });
    panel.onDidDispose(() => {
      if (open.get(key)?.panel === panel) open.delete(key);
      session.dispose();
    });
    webview.html = pageOf(webview, extensionUri, { name: 'compare', title: 'Strata comparison' });
    return session;
  };

  return {
    open: (pair) => {
      const known = open.get(keyOf(pair));
      if (known) {
        known.panel.reveal();
        return known.session.outcome();
      }
      const session = adopt(
        vscode.window.createWebviewPanel(
          COMPARE_PANEL,
          'Compare',
          vscode.ViewColumn.Active,
          webviewOptions(extensionUri),
        ),
        pair,
      );
      return session.outcome();
    },
    restore: (panel, state) => {
      const parsed = compareStateSchema.safeParse(state);
      if (parsed.success) adopt(panel, { a: parsed.data.a, b: parsed.data.b });
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

function keyOf({ a, b }: ComparedPair): string {
  return JSON.stringify([a, b]);
}
