import * as vscode from 'vscode';
import type { ServerState } from '../core/tools/index.ts';
import type { FolderTools, FoundTools } from './tools/index.ts';

export interface NewServersHost {
  /** Of the workspace. */
  readonly memento: vscode.Memento;
  readonly find: () => Promise<FoundTools>;
  readonly onDidChange: vscode.Event<undefined>;
  readonly report: (error: unknown) => void;
}

const REMEMBERED = 'strata.toldOfServers';
/** The file that brings servers; without it nothing is loaded to look for them. */
const FILE = '.mcp.json';

/** Tells once of servers that a workspace brings and that are not set up. A definition that was changed is a new one. */
export function tellOfNewServers({ memento, find, onDidChange, report }: NewServersHost): vscode.Disposable {
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking || !vscode.workspace.isTrusted || !(await bringsServers())) return;
    looking = true;
    try {
      const told = new Set(memento.get<readonly string[]>(REMEMBERED, []));
      for (const folder of (await find()).folders) await tell(folder, told, memento, report);
    } finally {
      looking = false;
    }
  };
  const start = (): void => void look().catch(report);
  start();
  return onDidChange(start);
}

async function bringsServers(): Promise<boolean> {
  for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
    try {
      await vscode.workspace.fs.stat(vscode.Uri.joinPath(uri, FILE));
      return true;
    } catch (error) {
      // Most folders have none.
      if (!(error instanceof vscode.FileSystemError)) throw error;
    }
  }
  return false;
}

async function tell(
  { folder, host }: FolderTools,
  told: Set<string>,
  memento: vscode.Memento,
  report: (error: unknown) => void,
): Promise<void> {
  const states = await host.servers().catch(() => {
    // A mistake in its files, which the view shows.
    return [];
  });
  const fresh = states.filter(
    (state) =>
      state.status === 'not-set-up' &&
      state.definition.origin === 'workspace' &&
      !told.has(keyOf(folder, state)),
  );
  if (fresh.length === 0) return;
  for (const state of fresh) told.add(keyOf(folder, state));
  await memento.update(REMEMBERED, [...told]);
  void offerSetUp(folder, fresh).catch(report);
}

function keyOf(folder: string, { definition: { name, source, sandbox } }: ServerState): string {
  return JSON.stringify([folder, name, source, sandbox]);
}

async function offerSetUp(folder: string, fresh: readonly ServerState[]): Promise<void> {
  const names = fresh.map(({ definition }) => definition.name);
  const [only] = names;
  const setUp = 'Set Up…';
  const show = 'Show Tools';
  const chosen = await vscode.window.showInformationMessage(
    names.length === 1
      ? `This folder brings an MCP server that is not set up: ${names.join()}. Nothing of it runs until you agree.`
      : `This folder brings MCP servers that are not set up: ${names.join(', ')}. Nothing of them runs until you agree.`,
    ...(names.length === 1 ? [setUp] : []),
    show,
  );
  if (chosen === setUp) await vscode.commands.executeCommand('strata.setUpServer', { folder, server: only });
  if (chosen === show) await vscode.commands.executeCommand('strata.tools.focus');
}
