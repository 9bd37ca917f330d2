import * as vscode from 'vscode';
import { loadOnce } from '../base/load-once.ts';
import type { BudgetWarning } from '../core/models/index.ts';
import type { RunEvent } from '../protocol/run-event.ts';
import type { CommandArguments } from './commands/arguments.ts';
import type { FolderSession } from './folder-session.ts';
import type {
  FolderModels,
  FoundModels,
  ModelsCommandName,
  ModelsNode,
  ModelsWindow,
  RunningCost,
} from './models/index.ts';
import type { Sessions } from './sessions.ts';
import { SteadyTree } from './steady-tree.ts';
import { whileOpen } from './while-open.ts';
import { watchStrataFile } from './watch-files.ts';

/** What the registration needs to have been made before. */
export interface ModelsRegistrationHost {
  readonly extension: vscode.ExtensionContext;
  readonly sessions: Sessions;
  readonly modelsOf: (session: FolderSession) => FolderModels;
  readonly report: (error: unknown) => void;
}

export interface RegisteredModels extends vscode.Disposable {
  perform(command: ModelsCommandName, args: CommandArguments): Promise<unknown>;
  keyNameOf(args: CommandArguments): Promise<string>;
  /** A budget has come near its end. */
  tellOfBudget(warning: BudgetWarning): void;
  refresh(): void;
}

/** A busy run calls models more often than a person can read. */
const REFRESH_MS = 200;
/** The status bar need not follow each call. */
const COST_MS = 1000;
/** Newest runs among which those that are going on are looked for. */
const LOOKED_AT = 30;

/**
 * Makes the models' view, its commands and the cost in the status bar known. Their code is loaded at its first use: when the
 * view is shown, a command is called, or a folder is opened that Strata was used on.
 */
export function registerModels({
  extension,
  sessions,
  modelsOf,
  report,
}: ModelsRegistrationHost): RegisteredModels {
  let timer: NodeJS.Timeout | undefined;
  let costTimer: NodeJS.Timeout | undefined;
  let spent = true;
  const refreshCost = (): void => {
    costTimer ??= setTimeout(() => {
      costTimer = undefined;
      const what = spent ? 'spending' : 'runs';
      spent = false;
      load()
        .then((window) => window.updateCost(what))
        .catch(report);
    }, COST_MS);
  };
  const refresh = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      tree.refresh();
    }, REFRESH_MS);
    spent = true;
    if (sessions.opened.length > 0) refreshCost();
  };

  const watched = new WeakSet<FolderModels['desk']>();
  const known = (session: FolderSession): FolderModels => {
    const models = modelsOf(session);
    if (!watched.has(models.desk)) {
      watched.add(models.desk);
      models.desk.onDidChange(refresh);
    }
    return models;
  };
  const find = async (): Promise<FoundModels> => ({
    folders: (await sessions.all()).map(known),
    troubles: sessions.troubles,
  });

  const opened = loadOnce(async (): Promise<ModelsWindow> => {
    const { openModelsWindow } = await import('./models/index.ts');
    const window = openModelsWindow({
      ...{ find, report, refresh },
      opened: () => sessions.opened.map(known),
      running: () => sessions.opened.flatMap(runningIn),
      onTick: (nodes) => tree.redraw(nodes),
    });
    window.setVisible(view.visible);
    return window;
  });
  const load = opened.get;

  const tree = new SteadyTree<ModelsNode>({
    getChildren: async (node) => {
      // The view then says itself what to do.
      if (!vscode.workspace.isTrusted || !hasFolder()) return [];
      const rows = await (await load()).tree.getChildren(node);
      // The view's words about that are not for the moment before it is known.
      if (!node) void vscode.commands.executeCommand('setContext', 'strata.demoModel', rows.length === 0);
      return rows;
    },
    getTreeItem: async (node) => (await load()).tree.getTreeItem(node),
  });
  const view = vscode.window.createTreeView('strata.models', {
    showCollapseAll: true,
    treeDataProvider: tree,
  });
  tree.showIn(view);

  const openings = sessions.onDidOpen(refresh);
  const appended = sessions.onDidAppend((events) => {
    if (events.length === 0 || events.some(isPaid)) refresh();
    else refreshCost();
  });
  const disposables = [
    tree,
    openings,
    appended,
    view,
    view.onDidChangeVisibility(({ visible }) => {
      opened.known()?.then((window) => window.setVisible(visible), report);
    }),
    watchStrataFile('models.jsonc', refresh),
    extension.secrets.onDidChange(() => {
      for (const session of sessions.opened) known(session).desk.keysChanged();
      refresh();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('strata.models')) refresh();
    }),
  ];

  return {
    perform: async (command, args) => (await load()).perform(command, args),
    keyNameOf: async (args) => (await load()).keyNameOf(args),
    tellOfBudget: ({ text }) => void tell(text).catch(report),
    refresh,
    dispose: () => {
      clearTimeout(timer);
      clearTimeout(costTimer);
      opened.known()?.then((window) => {
        window.dispose();
      }, report);
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

async function tell(text: string): Promise<void> {
  const show = 'Show Models';
  const chosen = await whileOpen(vscode.window.showWarningMessage(text, show));
  if (chosen === show) await vscode.commands.executeCommand('strata.models.focus');
}

/** What a model call has cost is in the ledger by the time that its step ends. */
function isPaid(event: RunEvent): boolean {
  return event.type === 'step.finished' && (event.model ?? event.rollUp) !== undefined;
}

function runningIn(session: FolderSession): readonly RunningCost[] {
  return session.list(LOOKED_AT).filter(({ status }) => status === 'running');
}

function hasFolder(): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => uri.scheme === 'file');
}
