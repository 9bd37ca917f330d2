import * as vscode from 'vscode';
import type { ServerState } from '../../core/tools/index.ts';
import type { FolderTools } from './folder-tools.ts';

const REMEMBERED = 'strata.toldOfServers';

/** Tells once of servers that a folder brings and that are not set up. A definition that was changed is a new one. */
export async function tellOfNewServers(
  folders: readonly FolderTools[],
  memento: vscode.Memento,
  report: (error: unknown) => void,
): Promise<void> {
  const told = new Set(memento.get<readonly string[]>(REMEMBERED, []));
  for (const folder of folders) await tell(folder, told, memento, report);
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
