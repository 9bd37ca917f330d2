import * as vscode from 'vscode';
import { serverStateJson } from '../../../core/tools/index.ts';
import type { NewServer, ServerState } from '../../../core/tools/index.ts';
import type { CommandArguments } from '../../commands/arguments.ts';
import { given } from '../../dismissed.ts';
import { requireTrust } from '../../require-trust.ts';
import { chooseToolFolder } from '../choose-server.ts';
import type { FolderTools } from '../folder-tools.ts';
import type { ToolsPorts } from '../tools-ports.ts';
import { countOf } from '../words.ts';
import { withProgress } from '../../with-progress.ts';
import { readNewServer } from './new-server.ts';
import { askServer } from './wizard.ts';

/** Registers a server: the one that was given as an object, or one that the person describes. */
export async function addMcpServer(ports: ToolsPorts, args: CommandArguments): Promise<unknown> {
  requireTrust();
  const folder = await chooseToolFolder(ports.find, args);
  if (args.newServer) {
    const server = readNewServer(args.newServer);
    const state = await add(ports, folder, server, args.agreed ?? false);
    return serverStateJson(state);
  }
  const taken = (await folder.host.servers()).map(({ definition }) => definition.name);
  const { server, secrets } = given(await askServer(taken));
  const owner = { folder: folder.folder, server: server.name };
  // It may need them to start at all.
  for (const [name, value] of secrets) await ports.secrets.set(owner, name, value);
  let state: ServerState;
  try {
    state = await add(ports, folder, server, false);
  } catch (error) {
    for (const name of secrets.keys()) await ports.secrets.remove(owner, name);
    throw error;
  }
  await ports.reveal(folder.folder, server.name);
  void offerCall(folder, state).catch(ports.report);
  return serverStateJson(state);
}

async function add(
  ports: ToolsPorts,
  { host }: FolderTools,
  server: NewServer,
  agreed: boolean,
): Promise<ServerState> {
  try {
    return await withProgress(`Adding the MCP server ${server.name}`, ({ signal, say }) =>
      host.add(server, {
        signal,
        agreed,
        onProgress: (text) => {
          say(text);
          ports.log.line(server.name, text);
        },
      }),
    );
  } finally {
    ports.refresh();
  }
}

async function offerCall(
  { folder }: FolderTools,
  { definition, tools, heldBack }: ServerState,
): Promise<void> {
  const call = 'Call Tool…';
  const held =
    heldBack.length > 0 ? ` ${countOf(heldBack.length, 'tool')} held back: look at the reasons.` : '';
  const chosen = await vscode.window.showInformationMessage(
    `The MCP server ${definition.name} is set up: ${countOf(tools.length, 'tool')}.${held}`,
    ...(tools.length > 0 ? [call] : []),
  );
  if (chosen === call) await vscode.commands.executeCommand('strata.callTool', { folder });
}
