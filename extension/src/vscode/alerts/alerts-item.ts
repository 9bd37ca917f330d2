import * as vscode from 'vscode';
import type { ShownAlert } from './watched-folder.ts';

/** What is no good now, in the status bar; nothing while all is well. */
export class AlertsItem implements vscode.Disposable {
  readonly #item: vscode.StatusBarItem;

  constructor() {
    const item = vscode.window.createStatusBarItem('strata.alerts', vscode.StatusBarAlignment.Left);
    item.name = 'Strata: Alerts';
    item.command = 'strata.openAlerts';
    this.#item = item;
  }

  update(alerts: readonly ShownAlert[]): void {
    const item = this.#item;
    if (alerts.length === 0) {
      item.hide();
      return;
    }
    const count = alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`;
    const isAlert = alerts.some(({ level }) => level === 'alert');
    item.text = `$(bell) ${count}`;
    item.tooltip = alerts.map(({ text }) => text).join('\n');
    item.accessibilityInformation = { label: `Strata: ${count}`, role: 'button' };
    item.backgroundColor = new vscode.ThemeColor(
      isAlert ? 'statusBarItem.errorBackground' : 'statusBarItem.warningBackground',
    );
    item.show();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
