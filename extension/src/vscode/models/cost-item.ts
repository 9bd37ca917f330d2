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
  /** By folder, as they were last read. */
  #known: ReadonlyMap<string, FolderState> = new Map();

  constructor(host: CostHost) {
    this.#host = host;
    const item = vscode.window.createStatusBarItem('strata.cost', vscode.StatusBarAlignment.Left);
    item.name = 'Strata: Cost';
    item.command = 'strata.models.focus';
    this.#item = item;
  }

  async update(what: 'spending' | 'runs'): Promise<void> {
    const shown = costShown(await this.#states(what), this.#host.running());
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

  /** While there is a mistake in the file of the routes, what was known before it is still right about what was spent. */
  async #states(what: 'spending' | 'runs'): Promise<readonly FolderState[]> {
    const read = await Promise.all(
      this.#host.opened().map(async ({ folder, name, desk }): Promise<FolderState | undefined> => {
        const before = this.#known.get(folder);
        if (before && what === 'runs') return before;
        try {
          return { folder, name, state: await desk.state() };
        } catch {
          // The view shows what is wrong.
          return before;
        }
      }),
    );
    const states = read.filter((one) => one !== undefined);
    this.#known = new Map(states.map((one) => [one.folder, one]));
    return states;
  }
}

const BACKGROUNDS: Readonly<Record<'fine' | 'near' | 'spent', vscode.ThemeColor | undefined>> = {
  fine: undefined,
  near: new vscode.ThemeColor('statusBarItem.warningBackground'),
  spent: new vscode.ThemeColor('statusBarItem.errorBackground'),
};
