import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { panelStateSchema } from '../../protocol/panel-schema.ts';
import type { RunId, StepId } from '../../protocol/run-event.ts';
import { machineClock } from '../machine-clock.ts';
import { pageOf, webviewOptions } from '../webview-files.ts';
import type { PanelActions, PanelEditor, RunSource } from './ports.ts';
import { PanelSession } from './session.ts';

const TRACE_PANEL = 'strata.trace';

export interface TracePanelDeps {
  readonly extensionUri: vscode.Uri;
  readonly source: RunSource;
  readonly actions: PanelActions;
}

export interface OpenOptions {
  readonly step?: StepId;
  /** In a panel of its own, beside the others, even if one could be reused. */
  readonly beside?: boolean;
}

export interface TracePanels extends Disposable {
  open(run: RunId, options?: OpenOptions): void;
  /** Takes a panel over that VS Code kept from before the window was reloaded. */
  restore(panel: vscode.WebviewPanel, state: unknown): void;
  /** Posts the facts of the shown runs anew. */
  refresh(): void;
}

/**
 * The open trace panels. One is reused for whatever run is opened next, since a click through the list of runs must not
 * leave twenty tabs behind; `beside` opens one more, to look at two runs side by side.
 */
export function createTracePanels(deps: TracePanelDeps): TracePanels {
  const open = new Map<vscode.WebviewPanel, PanelSession>();
  let last: vscode.WebviewPanel | undefined;

  const adopt = (panel: vscode.WebviewPanel, run: RunId, step?: StepId) => {
    const { webview } = panel;
    webview.options = webviewOptions(deps.extensionUri);
    panel.iconPath = vscode.Uri.joinPath(deps.extensionUri, 'media', 'strata.svg');
    const session = new PanelSession(run, {
      source: deps.source,
      actions: deps.actions,
      editor: panelEditor,
      post: (message) => void webview.postMessage(message),
      ...machineClock,
    });
    session.show(run, step);
    open.set(panel, session);
    last = panel;
    panel.title = titleOf(deps.source, run);
    webview.onDidReceiveMessage((message: unknown) => session.receive(message));
    panel.onDidChangeViewState(() => {
      if (panel.active) last = panel;
      if (!panel.visible) session.hidden();
    });
    panel.onDidDispose(() => {
      open.delete(panel);
      if (last === panel) last = [...open.keys()].at(-1);
      session.dispose();
    });
    webview.html = pageOf(webview, deps.extensionUri, { name: 'trace', title: 'Strata trace' });
  };

  const create = (run: RunId, column: vscode.ViewColumn, step: StepId | undefined) => {
    adopt(
      vscode.window.createWebviewPanel(
        TRACE_PANEL,
        titleOf(deps.source, run),
        column,
        webviewOptions(deps.extensionUri),
      ),
      run,
      step,
    );
  };

  return {
    open: (run, options = {}) => {
      const same = [...open].find(([, session]) => session.run === run);
      if (same) {
        same[1].show(run, options.step);
        same[0].reveal();
        return;
      }
      const session = last && open.get(last);
      if (!last || !session || options.beside) {
        create(run, options.beside ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active, options.step);
        return;
      }
      last.title = titleOf(deps.source, run);
      session.show(run, options.step);
      last.reveal();
    },
    restore: (panel, state) => {
      const parsed = panelStateSchema.safeParse(state);
      if (parsed.success) adopt(panel, parsed.data.run);
      else panel.dispose();
    },
    refresh: () => {
      for (const session of open.values()) session.refresh();
    },
    dispose: () => {
      for (const panel of [...open.keys()]) panel.dispose();
    },
  };
}

export const panelEditor: PanelEditor = {
  copy: async (text) => {
    await vscode.env.clipboard.writeText(text);
  },
  openJson: async (text) => {
    const document = await vscode.workspace.openTextDocument({ content: text, language: 'json' });
    await vscode.window.showTextDocument(document, { preview: true });
  },
  showError: (message) => void vscode.window.showErrorMessage(message),
};

function titleOf(source: RunSource, run: RunId): string {
  const view = safely(() => source.view(run));
  const task = view?.task.replace(/\s+/g, ' ').trim();
  if (!task) return 'Strata Trace';
  return task.length > 40 ? `${task.slice(0, 39)}…` : task;
}

/** A title must not keep a panel from opening: the panel itself says what is wrong with the run. */
function safely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
