import * as vscode from 'vscode';
import { loadOnce } from '../base/load-once.ts';
import type { Json } from '../base/json.ts';
import { shareOf } from '../core/models/ledger.ts';
import type { AlertsFolder, AlertsWindow } from './alerts/index.ts';
import type { CommandArguments } from './commands/arguments.ts';
import type { FolderSession } from './folder-session.ts';
import type { Sessions } from './sessions.ts';
import { watchStrataFile } from './watch-files.ts';

export interface AlertsRegistrationHost {
  readonly sessions: Sessions;
  readonly report: (error: unknown) => void;
  readonly log: vscode.LogOutputChannel;
}

export interface RegisteredAlerts extends vscode.Disposable {
  perform(command: 'openAlerts' | 'previewAlert', args: CommandArguments): Promise<unknown>;
}

/** After something has happened; a busy run does not make it more often. */
const LOOK_MS = 2_000;
/** Runs grow older, and times go by, without a word. */
const TICK_MS = 60_000;
const BUDGET_MS = 15_000;
const CONTAINERS_MS = 10 * 60_000;
const ENGINE_LIMIT_MS = 5_000;

/** Looks at the rules for alerts while there is something to look at. Their code is loaded when a folder is opened that has runs. */
export function registerAlerts({ sessions, report, log }: AlertsRegistrationHost): RegisteredAlerts {
  const folders = new WeakMap<FolderSession, AlertsFolder>();
  const known = (session: FolderSession): AlertsFolder => {
    const made = folders.get(session) ?? alertsFolder(session);
    folders.set(session, made);
    return made;
  };
  const opened = loadOnce(async (): Promise<AlertsWindow> => {
    const { openAlertsWindow } = await import('./alerts/index.ts');
    const window = openAlertsWindow({ report, log, opened: () => sessions.opened.map(known) });
    for (const session of sessions.opened) watch(session, window);
    return window;
  });
  const watched = new Map<FolderSession, vscode.Disposable>();
  const watch = (session: FolderSession, window: AlertsWindow): void => {
    if (watched.has(session)) return;
    const folder = window.folderOf(known(session));
    watched.set(
      session,
      session.onDidAppend((events) => folder.take(events)),
    );
  };

  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  const look = async (): Promise<void> => {
    const window = await opened.get();
    for (const session of watched.keys()) if (!sessions.opened.includes(session)) watched.delete(session);
    for (const session of sessions.opened) watch(session, window);
    await window.look();
  };
  const soon = (): void => {
    if (sessions.opened.length === 0) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      if (looking) {
        soon();
        return;
      }
      looking = true;
      look()
        .catch(report)
        .finally(() => (looking = false));
    }, LOOK_MS);
  };
  const changed = (): void => {
    opened.known()?.then((window) => {
      window.rulesChanged();
      soon();
    }, report);
  };
  const ticks = setInterval(soon, TICK_MS);
  const disposables: readonly { dispose(): unknown }[] = [
    sessions.onDidOpen(soon),
    sessions.onDidAppend(soon),
    watchStrataFile('alerts.jsonc', changed),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('strata.observability.alerts')) changed();
    }),
  ];

  return {
    perform: async (command, { name }) => {
      await sessions.all();
      const window = await opened.get();
      if (command === 'previewAlert') return window.previewAlert(name);
      await look();
      return window.openAlerts();
    },
    dispose: () => {
      clearTimeout(timer);
      clearInterval(ticks);
      for (const disposable of [...disposables, ...watched.values()]) disposable.dispose();
      opened.known()?.then((window) => {
        window.dispose();
      }, report);
    },
  };
}

function alertsFolder(session: FolderSession): AlertsFolder {
  const budget = atMostEvery(BUDGET_MS, async (): Promise<number | undefined> => {
    const { budgets } = await session.core.models.state();
    return budgets.length === 0
      ? undefined
      : Math.max(...budgets.map(({ limit, spent }) => shareOf(limit, spent)));
  });
  const containers = atMostEvery(CONTAINERS_MS, leftContainers);
  return {
    folder: session.folder,
    name: session.name,
    list: (limit) => session.list(limit),
    task: (run) => session.core.store.find(run)?.task,
    readRun: (run) => session.core.store.read(run),
    facts: (from, signal) => session.core.metrics.facts(from, { signal }),
    budgetShare: budget,
    // An engine is looked for where runs have needed one.
    leftContainers: () => (session.list(1).length === 0 ? Promise.resolve(undefined) : containers()),
    handle: (run) => session.handle(run),
    settings: () =>
      vscode.workspace
        .getConfiguration('strata.observability', vscode.Uri.file(session.folder))
        .get<Json>('alerts'),
  };
}

async function leftContainers(): Promise<number | undefined> {
  const { countLeftContainers, findEngine } = await import('../node/docker/index.ts');
  const signal = AbortSignal.timeout(ENGINE_LIMIT_MS);
  const found = await findEngine({ signal });
  if (found.kind !== 'ready') return undefined;
  try {
    return await countLeftContainers(found.engine, signal);
  } finally {
    await found.engine.dispose();
  }
}

/** What cannot be known is undefined, and is asked for again when the time has gone by. */
function atMostEvery<T>(ms: number, ask: () => Promise<T | undefined>): () => Promise<T | undefined> {
  let last: { readonly at: number; readonly value: Promise<T | undefined> } | undefined;
  return () => {
    const now = Date.now();
    if (!last || now - last.at >= ms)
      // A rule without data says so; whoever needs the models or the engine hears what is wrong with them.
      last = { at: now, value: ask().catch(() => undefined) };
    return last.value;
  };
}
