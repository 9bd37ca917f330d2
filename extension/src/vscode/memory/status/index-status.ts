import * as vscode from 'vscode';
import { progressText, statusText, type FolderIndex } from './status-words.ts';

/** Says in the status bar that folders are being indexed, or that it is paused, with what a person can do about it. */
export class IndexStatus implements vscode.Disposable {
  #item: vscode.StatusBarItem | undefined;

  show(all: readonly FolderIndex[]): void {
    const busy = all.filter(({ state }) => state.phase === 'indexing' || state.phase === 'paused');
    if (busy.length === 0) {
      this.#item?.hide();
      return;
    }
    const item = (this.#item ??= createItem());
    const text = statusText(busy);
    const paused = busy.every(({ state }) => state.phase === 'paused');
    item.text = `$(${paused ? 'debug-pause' : 'sync~spin'}) ${text}`;
    item.command = paused ? 'strata.resumeIndexing' : 'strata.pauseIndexing';
    item.accessibilityInformation = { label: `Strata: ${text}`, role: 'button' };
    item.tooltip = tooltip(busy, paused);
    item.show();
  }

  dispose(): void {
    this.#item?.dispose();
  }
}

function createItem(): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem('strata.indexing', vscode.StatusBarAlignment.Left, PRIORITY);
  item.name = 'Strata: Indexing';
  return item;
}

function tooltip(busy: readonly FolderIndex[], paused: boolean): vscode.MarkdownString {
  const text = new vscode.MarkdownString(undefined, true);
  text.isTrusted = { enabledCommands: ['strata.memory.focus', 'workbench.action.openSettings'] };
  for (const index of busy) text.appendText(progressText(index)).appendMarkdown('\n\n');
  text.appendText('What is indexed already can be searched.').appendMarkdown('\n\n');
  text.appendText(paused ? 'Click to go on.' : 'Click to pause.').appendMarkdown('\n\n');
  text.appendMarkdown('[Show Memory](command:strata.memory.focus) · ');
  text.appendMarkdown('[Settings](command:workbench.action.openSettings?%5B%22strata.memory%22%5D)');
  return text;
}

/** Beside what VS Code says of its own background work. */
const PRIORITY = -10;
