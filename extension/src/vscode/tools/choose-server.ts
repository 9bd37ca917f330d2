import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import type { ServerState } from '../../core/tools/index.ts';
import { chooseFound } from '../choose-found.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import { given } from '../dismissed.ts';
import type { FolderTools } from './folder-tools.ts';
import type { FoundTools } from './tree.ts';
import { serverDescription } from './words.ts';

export interface ChosenServer {
  readonly folder: FolderTools;
  readonly state: ServerState;
}

const NO_FOLDER = 'No folder is open, and MCP servers belong to a folder.';

export function chooseToolFolder(
  find: () => Promise<FoundTools>,
  args: CommandArguments,
): Promise<FolderTools> {
  return chooseFound(find, args.folder, NO_FOLDER);
}

/** The server that was named, or one that the person picks among those that fit. */
export async function chooseServer(
  find: () => Promise<FoundTools>,
  args: CommandArguments,
  placeHolder: string,
  fits: (state: ServerState) => boolean = () => true,
): Promise<ChosenServer> {
  const folder = await chooseToolFolder(find, args);
  const states = await folder.host.servers();
  if (args.server !== undefined) {
    const state = states.find(({ definition }) => definition.name === args.server);
    if (state) return { folder, state };
    throw new StrataError(
      'server-not-found',
      `There is no MCP server ${args.server} in ${folder.name}.`,
      `There are: ${states.map(({ definition }) => definition.name).join(', ') || 'none'}.`,
    );
  }
  const items = states.filter(fits).map((state) => ({
    label: state.definition.name,
    description: serverDescription(state),
    state,
  }));
  if (items.length === 0) {
    throw new StrataError(
      'no-server',
      'There is no MCP server for that here.',
      'Look at the Tools view for what there is.',
    );
  }
  return { folder, state: given(await vscode.window.showQuickPick(items, { placeHolder })).state };
}
