import * as vscode from 'vscode';
import { viewItem } from '../view-item.ts';
import { ERROR, WARNING } from '../view-row.ts';
import type { ShownAlert } from './watched-folder.ts';

/** What is no good now, as rows that open the run that each is about. The view is there only while there is a row. */
export class AlertsView implements vscode.TreeDataProvider<ShownAlert>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<ShownAlert>;
  #alerts: readonly ShownAlert[] = [];
  #told = '';

  constructor() {
    this.#view = vscode.window.createTreeView('strata.alerts', { treeDataProvider: this });
  }

  update(alerts: readonly ShownAlert[]): void {
    const text = JSON.stringify(
      alerts.map(({ name, level, text, run, since }) => [name, level, text, run, since]),
    );
    if (text === this.#told) return;
    this.#told = text;
    this.#alerts = alerts;
    void vscode.commands.executeCommand('setContext', 'strata.hasAlerts', alerts.length > 0);
    this.#view.badge =
      alerts.length === 0
        ? undefined
        : { value: alerts.length, tooltip: alerts.length === 1 ? '1 alert' : `${alerts.length} alerts` };
    this.#changed.fire();
  }

  getChildren(alert?: ShownAlert): ShownAlert[] {
    return alert === undefined ? [...this.#alerts] : [];
  }

  getTreeItem({ name, level, text, run, since, folder }: ShownAlert): vscode.TreeItem {
    const isAlert = level === 'alert';
    const time = new Date(since).toLocaleString();
    const item = viewItem(
      {
        label: name,
        description: text.slice(name.length).replace(/^:? /, ''),
        icon: isAlert ? { id: 'error', color: ERROR } : { id: 'warning', color: WARNING },
        title: name,
        lines: [
          { icon: 'bell', text },
          { icon: 'history', text: `Since ${time}` },
          ...(run === undefined ? [] : [{ icon: 'pulse', text: `Run ${run}` }]),
          { icon: 'folder', text: folder.name },
        ],
        spoken: `${isAlert ? 'alert' : 'warning'}: ${text}`,
        below: 'none',
      },
      `${folder.folder} ${name} ${run ?? ''}`,
    );
    item.command =
      run === undefined
        ? {
            title: 'Open Settings',
            command: 'workbench.action.openSettings',
            arguments: ['strata.observability.alerts'],
          }
        : { title: 'Open Trace', command: 'strata.openTrace', arguments: [{ run, folder: folder.folder }] };
    return item;
  }

  dispose(): void {
    void vscode.commands.executeCommand('setContext', 'strata.hasAlerts', false);
    this.#view.dispose();
    this.#changed.dispose();
  }
}
