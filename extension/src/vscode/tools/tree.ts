import * as vscode from 'vscode';
import type { Found } from '../choose-found.ts';
import type { FolderTools } from './folder-tools.ts';
import { itemOf } from './items.ts';
import { nodesOf } from './nodes.ts';
import type { ServerNode, ToolsNode } from './nodes.ts';

export type FoundTools = Found<FolderTools>;

/** The servers of each folder, built-in ones first, with what they may have and their tools below. Starts nothing. */
export class ToolsTree {
  readonly #find: () => Promise<FoundTools>;

  constructor(find: () => Promise<FoundTools>) {
    this.#find = find;
  }

  async getChildren(node?: ToolsNode): Promise<ToolsNode[]> {
    if (!node) return this.#top();
    switch (node.type) {
      case 'folder':
        return this.#serversIn(node.folder);
      case 'server':
        return nodesOf(node);
      case 'may':
        // The only one stands in the row itself.
        return node.state.looser.length < 2
          ? []
          : node.state.looser.map((text) => ({
              ...{ type: 'allowance', folder: node.folder, server: node.server },
              text,
            }));
      case 'trouble':
      case 'allowance':
      case 'tool':
      case 'held':
        return [];
    }
  }

  getTreeItem(node: ToolsNode): vscode.TreeItem {
    return itemOf(node);
  }

  /** For a row that is to be shown before its parents were. */
  getParent(node: ToolsNode): ToolsNode | undefined {
    const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
    if (node.type !== 'server' || !several) return undefined;
    return {
      type: 'folder',
      folder: node.folder,
      name: vscode.Uri.file(node.folder).path.split('/').at(-1) ?? '',
    };
  }

  async serverNode(folder: string, server: string): Promise<ServerNode | undefined> {
    const nodes = await this.#serversIn(folder);
    return nodes.find((node): node is ServerNode => node.type === 'server' && node.server === server);
  }

  async #top(): Promise<ToolsNode[]> {
    const { folders, troubles } = await this.#find();
    const [only] = folders;
    const found: ToolsNode[] =
      only && folders.length === 1
        ? await serversOf(only)
        : folders.map(({ folder, name }) => ({ type: 'folder', folder, name }));
    return [...troubles.map((error): ToolsNode => ({ type: 'trouble', error })), ...found];
  }

  async #serversIn(folder: string): Promise<ToolsNode[]> {
    const { folders } = await this.#find();
    const found = folders.find((one) => one.folder === folder);
    return found ? serversOf(found) : [];
  }
}

async function serversOf({ folder, host }: FolderTools): Promise<ToolsNode[]> {
  try {
    const [states, mistakes] = await Promise.all([host.servers(), host.mistakes()]);
    return [
      ...mistakes.map((error): ToolsNode => ({ type: 'trouble', folder, error })),
      ...states.map((state): ToolsNode => ({ type: 'server', folder, server: state.definition.name, state })),
    ];
  } catch (error) {
    return [{ type: 'trouble', folder, error }];
  }
}
