import type * as vscode from 'vscode';
import type { FolderMemory, FoundMemory } from '../memory-ports.ts';
import { itemOf } from './items.ts';
import { childrenOf, nodesOf, type MemoryNode } from './nodes.ts';

export interface MemoryTreeHost {
  readonly find: () => Promise<FoundMemory>;
  readonly now: () => number;
}

const SHOWN_EPISODES = 50;

/** What the memory of each folder holds. */
export class MemoryTree {
  readonly #host: MemoryTreeHost;
  /** How many episodes are shown, where it is more than at first. By folder. */
  readonly #shown = new Map<string, number>();

  constructor(host: MemoryTreeHost) {
    this.#host = host;
  }

  async getChildren(node?: MemoryNode): Promise<MemoryNode[]> {
    if (!node) return this.#top();
    if (node.type !== 'folder') return [...childrenOf(node)];
    const { folders } = await this.#host.find();
    const found = folders.find(({ folder }) => folder === node.folder);
    return found ? this.#rowsOf(found) : [];
  }

  getTreeItem(node: MemoryNode): vscode.TreeItem {
    return itemOf(node, this.#host.now());
  }

  showMore(folder: string): void {
    this.#shown.set(folder, (this.#shown.get(folder) ?? SHOWN_EPISODES) * 4);
  }

  async #top(): Promise<MemoryNode[]> {
    const { folders, troubles } = await this.#host.find();
    const [only] = folders;
    const found: MemoryNode[] =
      only && folders.length === 1
        ? await this.#rowsOf(only)
        : folders.map(({ folder, name }) => ({ type: 'folder', folder, title: name }));
    return [...troubles.map((error): MemoryNode => ({ type: 'trouble', error })), ...found];
  }

  async #rowsOf({ folder, memory, notes }: FolderMemory): Promise<MemoryNode[]> {
    const most = this.#shown.get(folder) ?? SHOWN_EPISODES;
    try {
      const [state, written, remembered] = await Promise.all([
        memory.state(),
        notes.list(),
        memory.episodes({ limit: most + 1 }).catch((error: unknown) => ({ error })),
      ]);
      // What is not there says why once, in the row of the index or of its place.
      if ('error' in remembered && state.phase !== 'unavailable') throw remembered.error;
      const episodes = 'error' in remembered ? [] : remembered;
      const [shown, hasMore] = [episodes.slice(0, most), episodes.length > most];
      return [...nodesOf(folder, { state, notes: written, episodes: shown, hasMore })];
    } catch (error) {
      return [{ type: 'trouble', folder, error }];
    }
  }
}
