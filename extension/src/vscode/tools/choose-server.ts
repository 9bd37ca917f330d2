import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import type { ServerState, Tool } from '../../core/tools/index.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import { given } from '../dismissed.ts';
import type { FolderTools } from './folder-tools.ts';
import { listLine } from './prompts/plain.ts';
import type { FoundTools } from './tree.ts';
import { countOf, ownName, serverDescription } from './words.ts';

export interface ChosenServer {
  readonly folder: FolderTools;
  readonly state: ServerState;
}

/** The folder that was named, the only one, or one that the person picks. */
export async function chooseToolFolder(
  find: () => Promise<FoundTools>,
  args: CommandArguments,
): Promise<FolderTools> {
  const { folders, troubles } = await find();
  const [only] = folders;
  if (!only) {
    if (troubles.length > 0) throw troubles[0];
    throw new StrataError(
      'no-folder',
      'No folder is open, and MCP servers belong to a folder.',
      'Open a folder first.',
    );
  }
  if (args.folder !== undefined) {
    const named = folders.find(({ folder }) => folder === args.folder);
    if (named) return named;
    throw new StrataError(
      'folder-not-open',
      `The folder ${args.folder} is not open in this window.`,
      'Open it first.',
    );
  }
  if (folders.length === 1) return only;
  const items = folders.map((folder) => ({ label: folder.name, description: folder.folder, folder }));
  return given(await vscode.window.showQuickPick(items, { placeHolder: 'Folder' })).folder;
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

export interface ChosenTool {
  readonly folder: FolderTools;
  readonly tool: Tool;
}

/** The tool that was named, or one that the person picks; servers are the groups. */
export async function chooseTool(
  find: () => Promise<FoundTools>,
  args: CommandArguments,
): Promise<ChosenTool> {
  const folder = await chooseToolFolder(find, args);
  const states = (await folder.host.servers()).filter(
    ({ status }) => status === 'ready' || status === 'running',
  );
  const tools = states.flatMap((state) => state.tools);
  if (args.tool !== undefined) {
    const tool = tools.find(({ name }) => name === args.tool);
    if (tool) return { folder, tool };
    throw new StrataError(
      'tool-not-found',
      `No server of ${folder.name} that is set up has a tool ${args.tool}.`,
      'Look at the Tools view for what there is, and set up its server first.',
    );
  }
  if (tools.length === 0) {
    throw new StrataError(
      'no-tool',
      'No MCP server of this folder is set up yet.',
      'Set one up in the Tools view, or add one with “Strata: Add MCP Server…”.',
    );
  }
  const items = states.flatMap((state) => [
    {
      label: `${state.definition.name} · ${countOf(state.tools.length, 'tool')}`,
      kind: vscode.QuickPickItemKind.Separator,
      tool: undefined,
    },
    ...state.tools.map((tool) => ({
      label: ownName(state.definition.name, tool.name),
      description: tool.name,
      detail: listLine(tool.description.split('\n')[0] ?? '', 160),
      tool,
    })),
  ]);
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Call Tool',
    placeHolder: 'Tool to call',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return { folder, tool: given(given(picked).tool) };
}
