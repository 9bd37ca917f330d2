import * as vscode from 'vscode';
import { costShown, type FolderState, type RunningCost } from './cost-shown.ts';
import type { FolderModels } from './folder-models.ts';

export interface CostHost {
  /** The folders that are open already: none is opened to know what it costs. */
  readonly opened: () => readonly FolderModels[];
  /** The runs that are going on in them. */
  readonly running: () => readonly RunningCost[];
}

/** The running cost in the status bar. */
export class CostItem implements vscode.Disposable {
  readonly #host: CostHost;
  readonly #item: vscode.StatusBarItem;

  constructor(host: CostHost) {
    this.#host = host;
    const item = vscode.window.createStatusBarItem('strata.cost', vscode.StatusBarAlignment.Left);
    item.name = 'Strata: Cost';
    item.command = 'strata.models.focus';
    this.#item = item;
  }

  async update(): Promise<void> {
    const states = await statesOf(this.#host.opened());
    const shown = costShown(states, this.#host.running());
    const item = this.#item;
    if (!shown) item.hide();
    else {
      item.text = shown.text;
      item.tooltip = new vscode.MarkdownString(shown.tooltip, true);
      item.accessibilityInformation = { label: shown.spoken, role: 'button' };
      item.backgroundColor = BACKGROUNDS[shown.level];
      item.show();
    }
  }

  dispose(): void {
    this.#item.dispose();
  }
}

const BACKGROUNDS: Readonly<Record<'fine' | 'near' | 'spent', vscode.ThemeColor | undefined>> = {
  fine: undefined,
  near: new vscode.ThemeColor('statusBarItem.warningBackground'),
  spent: new vscode.ThemeColor('statusBarItem.errorBackground'),
};

async function statesOf(folders: readonly FolderModels[]): Promise<readonly FolderState[]> {
  const read = await Promise.allSettled(
    folders.map(async ({ folder, name, desk }) => ({ folder, name, state: await desk.state() })),
  );
  // A mistake in the file of the routes, which the view shows.
  return read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
