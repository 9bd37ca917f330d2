import { realpathSync } from 'node:fs';
import * as vscode from 'vscode';
import { loadOnce } from '../base/load-once.ts';
import type { ToolServer, ToolSurroundings } from '../core/tools/index.ts';
import type { CommandArguments } from './commands/arguments.ts';
import { registerLentTools } from './lent-tools-registration.ts';
import { offerServers } from './offered-servers.ts';
import type { FolderSession } from './folder-session.ts';
import type { Sessions } from './sessions.ts';
import type { TextPrompts } from './text-prompts.ts';
import { SteadyTree } from './steady-tree.ts';
import { createToolSecrets } from './tool-secrets.ts';
import type { FolderTools, FoundTools, ToolsCommandName, ToolsNode, ToolsWindow } from './tools/index.ts';
import { whenServersAreBrought } from './new-servers.ts';
import { whileOpen } from './while-open.ts';
import { watchFiles } from './watch-files.ts';

/** What the registration needs to have been made before. */
export interface ToolsRegistrationHost {
  readonly extension: vscode.ExtensionContext;
  readonly sessions: Sessions;
  readonly toolsOf: (session: FolderSession) => FolderTools;
  readonly prompts: TextPrompts;
  readonly report: (error: unknown) => void;
}

export interface RegisteredTools extends vscode.Disposable {
  /** What tools of a folder need of a person or of the editor. */
  surroundings(folder: string): ToolSurroundings;
  /** The tools of the editor's own MCP servers. */
  readonly editor: ToolServer;
  perform(command: ToolsCommandName, args: CommandArguments): Promise<unknown>;
  answerQuestion(): Promise<unknown>;
  refresh(): void;
}

/** A busy run changes the states of servers more often than a person can read. */
const REFRESH_MS = 200;
/** What else follows the servers need not follow each of their states. */
const CALM_MS = 1500;

/**
 * Makes the tools' view, its commands and what is lent to the rest of the editor known. Their code is loaded at its first use:
 * when the view is shown, a command is called, or a folder brings servers of its own.
 */
export function registerTools({
  extension,
  sessions,
  toolsOf,
  prompts,
  report,
}: ToolsRegistrationHost): RegisteredTools {
  const secrets = createToolSecrets(extension.secrets);
  const memento = extension.workspaceState;
  const calmed = new vscode.EventEmitter<undefined>();
  let timer: NodeJS.Timeout | undefined;
  let calming: NodeJS.Timeout | undefined;
  const refresh = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      tree.refresh();
    }, REFRESH_MS);
    clearTimeout(calming);
    calming = setTimeout(() => calmed.fire(undefined), CALM_MS);
  };

  const watched = new WeakSet<FolderTools['host']>();
  const find = async (): Promise<FoundTools> => {
    const folders = (await sessions.all()).map(toolsOf);
    for (const { host } of folders) {
      if (watched.has(host)) continue;
      watched.add(host);
      host.onDidChange(refresh);
    }
    return { folders, troubles: sessions.troubles };
  };

  const opened = loadOnce(async (): Promise<ToolsWindow> => {
    const { openTools } = await import('./tools/index.ts');
    return openTools({ find, prompts, secrets, report, refresh, reveal });
  });
  const load = opened.get;

  const tree = new SteadyTree<ToolsNode>({
    getChildren: async (node) => {
      // The view then says itself what to do.
      if (!vscode.workspace.isTrusted || !hasFolder()) return [];
      const rows = await (await load()).tree.getChildren(node);
      // The view's words about that are not for the moment before it is known.
      if (!node) void vscode.commands.executeCommand('setContext', 'strata.noServers', rows.length === 0);
      return rows;
    },
    getTreeItem: async (node) => (await load()).tree.getTreeItem(node),
    getParent: async (node) => (await load()).tree.getParent(node),
  });
  const view = vscode.window.createTreeView('strata.tools', {
    showCollapseAll: true,
    treeDataProvider: tree,
  });
  tree.showIn(view);
  const reveal = async (folder: string, server: string): Promise<void> => {
    // The row that is shown may still be of a server that has no tools, which cannot be opened.
    await tree.refreshed();
    const node = await (await load()).tree.serverNode(folder, server);
    if (node) await view.reveal(node, { expand: true, focus: false, select: true });
  };

  // Whoever runs agents has opened folders, whose servers may be lent, without a look at the view.
  const used = sessions.onDidAppend(() => {
    used.dispose();
    refresh();
  });
  const disposables = [
    tree,
    calmed,
    used,
    view,
    watchFiles(['**/{.mcp.json,.strata/tools.jsonc}'], '**/.strata', refresh),
    vscode.workspace.onDidGrantWorkspaceTrust(refresh),
    vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('strata.tools')) refresh();
    }),
    offerServers({
      ...{ memento, find, onDidChange: calmed.event, report },
      list: async (found, before) => (await load()).listOffers(found, before),
    }),
    registerLentTools(sessions, async () => (await find()).folders),
    whenServersAreBrought(calmed.event, async () => (await load()).tellOfNewServers(memento), report),
  ];

  return {
    surroundings: (given) => {
      const folder = realPath(given);
      return {
        secret: (server, name) => secrets.get({ folder, server }, name),
        confirmSetUp: async (request, signal) => (await load()).confirmSetUp(request, signal),
        elicit: async (elicitation, signal) => (await load()).elicit(elicitation, signal),
        openAddress: async (url) => whileOpen((await load()).openAddress(url)),
        signIns: secrets.signIns(folder),
        isTrusted: () => vscode.workspace.isTrusted,
      };
    },
    editor: {
      name: 'editor',
      list: async (signal) => (await editorTools()).list(signal),
      call: async (tool, call) => (await editorTools()).call(tool, call),
      dispose: () => Promise.resolve(),
    },
    perform: async (command, args) => (await load()).perform(command, args),
    answerQuestion: async () => (await load()).answerQuestion(),
    refresh,
    dispose: () => {
      clearTimeout(timer);
      clearTimeout(calming);
      opened.known()?.then((window) => {
        window.dispose();
      }, report);
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

async function editorTools(): Promise<ToolServer> {
  return (await import('./tools/index.ts')).editorTools();
}

/** As an open folder calls itself, by which its secrets are found again. */
function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    // It is gone; opening it says so.
    return folder;
  }
}

function hasFolder(): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => uri.scheme === 'file');
}
