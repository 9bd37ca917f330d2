import * as vscode from 'vscode';
import { Emitter, type Event } from '../base/event.ts';
import { loadOnce } from '../base/load-once.ts';
import type { CommandArguments } from './commands/arguments.ts';
import type { FolderSession } from './folder-session.ts';
import { foldersToKeep } from './folders-to-keep.ts';
import type {
  FolderMemory,
  FoundMemory,
  MemoryCommandName,
  MemoryNode,
  MemoryPorts,
  MemoryWindow,
} from './memory/index.ts';
import type { Sessions } from './sessions.ts';
import { SteadyTree } from './steady-tree.ts';
import { watchStrataFile } from './watch-files.ts';

/** What the registration needs to have been made before. */
export interface MemoryRegistrationHost {
  readonly sessions: Sessions;
  readonly memoryOf: (session: FolderSession) => FolderMemory;
  readonly embedding: MemoryPorts['embedding'];
  readonly onDidChangeKeys: vscode.Event<unknown>;
  readonly report: (error: unknown) => void;
  /** For what goes wrong with work that nobody asked for. */
  readonly log: vscode.LogOutputChannel;
}

export interface RegisteredMemory extends vscode.Disposable {
  perform(command: MemoryCommandName, args: CommandArguments): Promise<unknown>;
  /** `more`: older runs of this folder are wanted too. */
  refresh(more?: string): void;
  /** The memory of a folder has changed that was looked at in this window. */
  readonly onDidChange: Event<void>;
}

/** The window has better things to do while it opens. */
const KEEP_AFTER_MS = 3_000;
/** An index that is being made changes more often than a person can read. */
const REFRESH_MS = 500;

/**
 * Makes the memory's view and its commands known, and begins to keep indexes up to date some seconds after the window has
 * opened. Its code is loaded at its first use; where no folder is to be kept and nobody looks, it is never loaded.
 */
export function registerMemory({
  sessions,
  memoryOf,
  embedding,
  onDidChangeKeys,
  report,
  log,
}: MemoryRegistrationHost): RegisteredMemory {
  let timer: NodeJS.Timeout | undefined;
  const refresh = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      tree.refresh();
    }, REFRESH_MS);
  };

  const remembered = new Emitter<void>();
  const known = new WeakMap<FolderSession, FolderMemory>();
  const toMemory = (session: FolderSession): FolderMemory => {
    const before = known.get(session);
    if (before) return before;
    const memory = memoryOf(session);
    known.set(session, memory);
    memory.memory.onDidChange(() => {
      refresh();
      remembered.fire();
    });
    memory.notes.onDidChange(refresh);
    memory.applySettings().catch(report);
    return memory;
  };
  const applySettings = (): void => {
    for (const session of sessions.opened) toMemory(session).applySettings().catch(report).finally(refresh);
  };
  const find = async (): Promise<FoundMemory> => ({
    folders: (await sessions.all()).map(toMemory),
    troubles: sessions.troubles,
  });

  const opened = loadOnce(async (): Promise<MemoryWindow> => {
    const { openMemoryWindow } = await import('./memory/index.ts');
    const window = openMemoryWindow({
      ...{ find, embedding, report, refresh },
      open: async (folder) => toMemory(await sessions.get(folder)),
      log: (error) => log.warn(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    });
    window.watch(sessions.opened.map(toMemory));
    return window;
  });
  const load = opened.get;

  const tree = new SteadyTree<MemoryNode>({
    getChildren: async (node) => {
      // The view then says itself what to do.
      if (!vscode.workspace.isTrusted || !hasFolder()) return [];
      const rows = await (await load()).tree.getChildren(node);
      // The view's words about that are not for the moment before it is known.
      if (!node) void vscode.commands.executeCommand('setContext', 'strata.noMemory', rows.length === 0);
      return rows;
    },
    getTreeItem: async (node) => (await load()).tree.getTreeItem(node),
  });
  const view = vscode.window.createTreeView('strata.memory', {
    showCollapseAll: true,
    treeDataProvider: tree,
  });
  tree.showIn(view);

  const follow = async (): Promise<void> => {
    if (foldersToKeep().length > 0) (await load()).keep();
    else (await opened.known())?.keep();
  };
  const followSoon = (): void => void follow().catch(report);
  const beginning = setTimeout(followSoon, KEEP_AFTER_MS);
  const disposables = [
    tree,
    remembered,
    view,
    watchStrataFile('memory.md', refresh),
    sessions.onDidOpen(() => {
      const folders = sessions.opened.map(toMemory);
      opened.known()?.then((window) => window.watch(folders), report);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      followSoon();
      refresh();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      followSoon();
      refresh();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('strata.memory.index')) followSoon();
      const applied = ['embedder', 'uri', 'storageOptions'];
      if (applied.some((name) => event.affectsConfiguration(`strata.memory.${name}`))) applySettings();
    }),
    onDidChangeKeys(applySettings),
  ];

  return {
    onDidChange: remembered.event,
    perform: async (command, args) => (await load()).perform(command, args),
    refresh: (more) => {
      if (more === undefined) refresh();
      else
        load()
          .then(({ tree }) => tree.showMore(more))
          .then(refresh, report);
    },
    dispose: () => {
      clearTimeout(timer);
      clearTimeout(beginning);
      opened.known()?.then((window) => {
        window.dispose();
      }, report);
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

function hasFolder(): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => uri.scheme === 'file');
}
