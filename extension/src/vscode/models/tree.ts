import type * as vscode from 'vscode';
import type { FolderModels, FoundModels } from './folder-models.ts';
import { itemOf } from './items.ts';
import { childrenOf, nodesOf, type ModelsNode } from './nodes.ts';

export interface ModelsTreeHost {
  readonly find: () => Promise<FoundModels>;
  readonly now: () => number;
  /** The rows that the view has now, those below folders too. */
  readonly onRows: (nodes: readonly ModelsNode[]) => void;
}

/** The routes of each folder with their deployments, and what was spent. */
export class ModelsTree {
  readonly #host: ModelsTreeHost;
  /** By folder. */
  readonly #rows = new Map<string, readonly ModelsNode[]>();

  constructor(host: ModelsTreeHost) {
    this.#host = host;
  }

  async getChildren(node?: ModelsNode): Promise<ModelsNode[]> {
    if (!node) return this.#top();
    if (node.type !== 'folder') return [...childrenOf(node)];
    const { folders } = await this.#host.find();
    const found = folders.find(({ folder }) => folder === node.folder);
    return found ? this.#rowsOf(found) : [];
  }

  getTreeItem(node: ModelsNode): vscode.TreeItem {
    return itemOf(node, this.#host.now());
  }

  async #top(): Promise<ModelsNode[]> {
    const { folders, troubles } = await this.#host.find();
    for (const known of this.#rows.keys())
      if (!folders.some(({ folder }) => folder === known)) this.#rows.delete(known);
    const [only] = folders;
    const found: ModelsNode[] =
      only && folders.length === 1
        ? await this.#rowsOf(only)
        : folders.map(({ folder, name }) => ({ type: 'folder', folder, title: name }));
    return [...troubles.map((error): ModelsNode => ({ type: 'trouble', error })), ...found];
  }

  async #rowsOf({ folder, desk }: FolderModels): Promise<ModelsNode[]> {
    let rows: readonly ModelsNode[];
    try {
      rows = nodesOf(folder, await desk.state());
    } catch (error) {
      // A mistake in the file of the routes, which the row leads to.
      rows = [{ type: 'trouble', folder, error }];
    }
    this.#rows.set(folder, rows);
    this.#host.onRows([...this.#rows.values()].flat());
    return [...rows];
  }
}
