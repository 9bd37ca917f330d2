import * as vscode from 'vscode';
import { StrataError } from '../../base/errors.ts';
import type { ServerState, Tool } from '../../core/tools/index.ts';
import type { CommandArguments } from '../commands/arguments.ts';
import { given } from '../dismissed.ts';
import { chooseToolFolder } from './choose-server.ts';
import type { FolderTools } from './folder-tools.ts';
import { listLine } from '../plain-labels.ts';
import type { FoundTools } from './tree.ts';
import { withProgress } from '../with-progress.ts';
import { countOf, ownName } from './words.ts';

export interface ChosenTool {
  readonly folder: FolderTools;
  readonly tool: Tool;
}

/**
 * The tool that was named, or one that the person picks; servers are the groups. One that nobody has listed the tools of yet
 * is started for it.
 */
export async function chooseTool(
  find: () => Promise<FoundTools>,
  args: CommandArguments,
): Promise<ChosenTool> {
  const folder = await chooseToolFolder(find, args);
  const { host } = folder;
  for (;;) {
    const states = (await host.servers()).filter(isSetUp);
    if (args.tool !== undefined) return { folder, tool: await namedTool(folder, states, args.tool) };
    if (states.length === 0) throw nothingSetUp();
    const rows = [...states.flatMap(toolRows), ...rowsToList(states)];
    const picked = given(
      await vscode.window.showQuickPick(rows, {
        title: 'Call Tool',
        placeHolder: 'Tool to call',
        matchOnDescription: true,
        matchOnDetail: true,
      }),
    );
    if (picked.tool) return { folder, tool: picked.tool };
    await listTools(folder, picked.server);
  }
}

interface ToolRow extends vscode.QuickPickItem {
  readonly server: string;
  readonly tool?: Tool;
}

function toolRows({ definition: { name }, tools }: ServerState): ToolRow[] {
  if (tools.length === 0) return [];
  return [
    separator(`${name} · ${countOf(tools.length, 'tool')}`),
    ...tools.map((tool) => ({
      label: ownName(name, tool.name),
      description: tool.name,
      detail: listLine(tool.description.split('\n')[0] ?? '', 160),
      server: name,
      tool,
    })),
  ];
}

function rowsToList(states: readonly ServerState[]): ToolRow[] {
  const unlisted = states.filter(({ tools }) => tools.length === 0);
  if (unlisted.length === 0) return [];
  return [
    separator('not started yet'),
    ...unlisted.map(({ definition: { name } }) => ({
      label: `${name}…`,
      description: 'start it, and list its tools',
      server: name,
    })),
  ];
}

function separator(label: string): ToolRow {
  return { label, kind: vscode.QuickPickItemKind.Separator, server: '' };
}

async function namedTool(folder: FolderTools, states: readonly ServerState[], wanted: string): Promise<Tool> {
  const find = (some: readonly ServerState[]): Tool | undefined =>
    some.flatMap(({ tools }) => tools).find(({ name }) => name === wanted);
  const known = find(states);
  if (known) return known;
  const unlisted = states.find(
    ({ definition, tools }) => tools.length === 0 && wanted.startsWith(`${definition.name}_`),
  );
  const listed = unlisted && find([await listTools(folder, unlisted.definition.name)]);
  if (listed) return listed;
  throw new StrataError(
    'tool-not-found',
    `No server of ${folder.name} that is set up has a tool ${wanted}.`,
    'Look at the Tools view for what there is, and set up its server first.',
  );
}

/** It is set up, so a person has agreed to it. */
function listTools({ host }: FolderTools, server: string): Promise<ServerState> {
  return withProgress(`Listing the tools of ${server}`, ({ signal, say }) =>
    host.setUp(server, { signal, onProgress: say, agreed: true }),
  );
}

function isSetUp({ status }: ServerState): boolean {
  return status === 'ready' || status === 'running';
}

function nothingSetUp(): StrataError {
  return new StrataError(
    'no-tool',
    'No MCP server of this folder is set up yet.',
    'Set one up in the Tools view, or add one with “Strata: Add MCP Server…”.',
  );
}
