import * as vscode from 'vscode';
import type { RunFilter } from '../node/sqlite/index.ts';
import type { RunId, StepId } from '../protocol/run-event.ts';
import type { FolderRuns } from './folder-runs.ts';
import { groupItem, moreItem, runItem, stepItem, subRunItem, troubleItem } from './run-items.ts';
import type { Waits } from './run-items.ts';
import { agentGroup, dayGroup, statusGroup } from './run-list-words.ts';
import type { GroupWords, ShownRuns } from './run-list-words.ts';
import type { RunsNode } from './run-nodes.ts';

export interface FoundFolders {
  readonly folders: readonly FolderRuns[];
  readonly troubles: readonly unknown[];
}

const REFRESH_MS = 200;
/** Reading the lists takes at most one part in so many of the time, however many runs there are. */
const REST = 10;
const PAGE = 100;
/** The newest groups are open at first. */
const OPEN_GROUPS = 2;

/**
 * The runs of each folder, newest first, with their steps below; put together and filtered as the person wants it. Lists are read when
 * they are opened, a page at a time. A change refreshes the view at most every `REFRESH_MS`: a busy run changes far more often than a
 * person can read.
 */
export class RunsTree implements vscode.TreeDataProvider<RunsNode>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #folders: () => Promise<FoundFolders>;
  readonly #waits: Waits;
  #shown: ShownRuns;
  /** How many rows of a list are wanted, where that is more than a page. */
  readonly #wanted = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #spentMs = 0;

  constructor(folders: () => Promise<FoundFolders>, waits: Waits, shown: ShownRuns) {
    this.#folders = folders;
    this.#waits = waits;
    this.#shown = shown;
  }

  get shown(): ShownRuns {
    return this.#shown;
  }

  refresh(): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#spentMs = 0;
        this.#changed.fire(undefined);
      },
      Math.max(REFRESH_MS, REST * this.#spentMs),
    );
  }

  show(shown: ShownRuns): void {
    this.#shown = shown;
    this.#wanted.clear();
    this.#changed.fire(undefined);
  }

  /** Shows another page of the list. */
  more(list: string): void {
    this.#wanted.set(list, this.#wantedOf(list) + PAGE);
    this.#changed.fire(undefined);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#changed.dispose();
  }

  async getChildren(node?: RunsNode): Promise<RunsNode[]> {
    const found = node ? undefined : await this.#folders();
    const begun = performance.now();
    try {
      return found ? this.#roots(found) : node ? this.#below(node) : [];
    } finally {
      this.#spentMs += performance.now() - begun;
    }
  }

  getTreeItem(node: RunsNode): vscode.TreeItem {
    switch (node.type) {
      case 'trouble':
        return troubleItem(node.error);
      case 'folder':
        return new vscode.TreeItem(node.runs.name, vscode.TreeItemCollapsibleState.Expanded);
      case 'group':
        return groupItem(node);
      case 'more':
        return moreItem(node);
      case 'run':
        return runItem(node);
      case 'step':
        return stepItem(node, this.#waits);
      case 'sub':
        return subRunItem(node);
    }
  }

  #roots({ folders, troubles }: FoundFolders): RunsNode[] {
    const [only] = folders;
    const below: RunsNode[] =
      only && folders.length === 1 ? this.#lists(only) : folders.map((runs) => ({ type: 'folder', runs }));
    return [...troubles.map((error): RunsNode => ({ type: 'trouble', error })), ...below];
  }

  #below(node: RunsNode): RunsNode[] {
    switch (node.type) {
      case 'trouble':
      case 'more':
        return [];
      case 'folder':
        return this.#lists(node.runs);
      case 'group':
        return this.#page(node.runs, node.list, node.group.filter);
      case 'run':
      case 'sub':
        return stepsOf(node.runs, node.run.id, '');
      case 'step':
        return stepsOf(node.runs, node.run, node.step.id);
    }
  }

  #lists(runs: FolderRuns): RunsNode[] {
    const { grouping, filter } = this.#shown;
    const list = `${runs.folder}#${grouping}`;
    if (grouping === 'none') return this.#page(runs, list, filter);
    const wanted = this.#wantedOf(list);
    const groups = this.#groups(runs, wanted + 1);
    return [
      ...groups.slice(0, wanted).map((group, index): RunsNode => ({
        ...{ type: 'group', runs, group, list: `${list}#${group.key}` },
        below: index < OPEN_GROUPS ? 'Expanded' : 'Collapsed',
      })),
      ...(groups.length > wanted ? [{ type: 'more', list, what: 'groups' } as const] : []),
    ];
  }

  #groups({ groups }: FolderRuns, limit: number): readonly GroupWords[] {
    const { grouping, filter } = this.#shown;
    if (grouping === 'agent') return groups.byAgent(filter).map((group) => agentGroup(group, filter));
    if (grouping === 'status') return groups.byStatus(filter).map((group) => statusGroup(group, filter));
    return groups.byDay(filter, limit).map((group) => dayGroup(group, filter, Date.now()));
  }

  #page(runs: FolderRuns, list: string, filter: RunFilter): RunsNode[] {
    const wanted = this.#wantedOf(list);
    const found = runs.list(wanted + 1, filter);
    return [
      ...found.slice(0, wanted).map((run): RunsNode => ({ type: 'run', runs, run, list })),
      ...(found.length > wanted ? [{ type: 'more', list, what: 'runs' } as const] : []),
    ];
  }

  #wantedOf(list: string): number {
    return this.#wanted.get(list) ?? PAGE;
  }
}

/** The steps right inside of a step, or of the run itself. */
function stepsOf(runs: FolderRuns, run: RunId, outer: StepId): RunsNode[] {
  const steps = runs.view(run)?.steps ?? [];
  return steps
    .filter(({ id }) => id.slice(0, Math.max(0, id.lastIndexOf('.'))) === outer)
    .map((step) =>
      step.child === undefined
        ? { type: 'step', runs, run, step }
        : { type: 'sub', runs, run: { id: step.child }, of: run, at: step },
    );
}
