import * as vscode from 'vscode';
import { isDismissed } from './dismissed.ts';
import { filterWords, GROUPINGS } from './run-list-words.ts';
import type { Waits } from './run-items.ts';
import type { FoundFolders } from './runs-tree.ts';
import { RunsTree } from './runs-tree.ts';

export interface RunsHost {
  readonly folders: () => Promise<FoundFolders>;
  readonly waits: Waits;
  /** Of the workspace: how the runs are put together is remembered, what they are filtered by is not. */
  readonly state: vscode.Memento;
  readonly report: (error: unknown) => void;
}

const GROUPING = 'strata.runs.grouping';

/** Its pickers are loaded when somebody asks for them. */
const chooser = () => import('./choose-shown-runs.ts');

/** Makes the view of the runs and its own commands known. */
export function registerRuns({ folders, waits, state, report }: RunsHost): RunsTree & vscode.Disposable {
  const remembered = state.get(GROUPING);
  const grouping = GROUPINGS.find((one) => one === remembered) ?? 'day';
  const tree = new RunsTree(folders, waits, { grouping, filter: {} });
  const view = vscode.window.createTreeView('strata.runs', { treeDataProvider: tree, showCollapseAll: true });
  const show = (shown: RunsTree['shown']): void => {
    tree.show(shown);
    const words = filterWords(shown.filter);
    // No message above the rows: where nothing fits, the view says by itself how to go back.
    view.description = words === undefined ? '' : `only ${words}`;
    void vscode.commands.executeCommand('setContext', 'strata.runsFiltered', words !== undefined);
  };
  const perform = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!isDismissed(error)) report(error);
    }
  };
  const commands: Readonly<Record<string, (given: unknown) => Promise<void>>> = {
    'strata.groupRuns': async () => {
      const { chooseGrouping } = await chooser();
      const chosen = await chooseGrouping(tree.shown.grouping);
      await state.update(GROUPING, chosen);
      show({ ...tree.shown, grouping: chosen });
    },
    'strata.filterRuns': async () => {
      const { chooseFilter } = await chooser();
      show({ ...tree.shown, filter: await chooseFilter(tree.shown.filter, (await folders()).folders) });
    },
    'strata.clearRunFilter': () => {
      show({ ...tree.shown, filter: {} });
      return Promise.resolve();
    },
    'strata.showMoreRuns': (list) => {
      if (typeof list === 'string') tree.more(list);
      return Promise.resolve();
    },
  };
  const disposables = [
    view,
    ...Object.entries(commands).map(([name, work]) =>
      vscode.commands.registerCommand(name, (given: unknown) => perform(() => work(given))),
    ),
  ];
  const dispose = tree.dispose.bind(tree);
  return Object.assign(tree, {
    dispose: () => {
      for (const disposable of disposables) disposable.dispose();
      dispose();
    },
  });
}
