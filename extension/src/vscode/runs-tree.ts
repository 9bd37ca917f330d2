import * as vscode from 'vscode';
import { isStrataError, messageOf } from '../base/errors.ts';
import { formatDuration, formatRunCost, formatTokens } from '../protocol/format.ts';
import type { StepView } from '../protocol/run-view.ts';
import type { RunSummary } from '../node/sqlite/index.ts';
import { stepLabel } from '../protocol/step-label.ts';
import { summariseStep } from '../core/observability/step-summary.ts';
import type { FolderRuns } from './folder-runs.ts';

type Node = TroubleNode | FolderNode | RunNode | StepNode;

/** A folder whose runs cannot be read, and why. */
interface TroubleNode {
  readonly type: 'trouble';
  readonly error: unknown;
}

interface FolderNode {
  readonly type: 'folder';
  readonly runs: FolderRuns;
}

interface RunNode {
  readonly type: 'run';
  readonly runs: FolderRuns;
  readonly run: RunSummary;
}

interface StepNode {
  readonly type: 'step';
  readonly runs: FolderRuns;
  readonly run: string;
  readonly step: StepView;
}

export interface FoundFolders {
  readonly folders: readonly FolderRuns[];
  readonly troubles: readonly unknown[];
}

/**
 * The runs of each folder, newest first, with their steps below. The runs are read when the view is first shown, and a
 * change refreshes the view at most every `REFRESH_MS`: a busy run changes far more often than a person can read.
 */
export class RunsTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #folders: () => Promise<FoundFolders>;
  #timer: NodeJS.Timeout | undefined;

  constructor(folders: () => Promise<FoundFolders>) {
    this.#folders = folders;
  }

  refresh(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire(undefined);
    }, REFRESH_MS);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#changed.dispose();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      const { folders, troubles } = await this.#folders();
      const [only] = folders;
      const found: Node[] =
        only && folders.length === 1 ? runsOf(only) : folders.map((runs) => ({ type: 'folder', runs }));
      return [...troubles.map((error): Node => ({ type: 'trouble', error })), ...found];
    }
    switch (node.type) {
      case 'trouble':
        return [];
      case 'folder':
        return runsOf(node.runs);
      case 'run': {
        const view = node.runs.view(node.run.id);
        return (view?.steps ?? []).map((step) => ({ type: 'step', runs: node.runs, run: node.run.id, step }));
      }
      case 'step':
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.type) {
      case 'trouble':
        return troubleItem(node.error);
      case 'folder':
        return new vscode.TreeItem(node.runs.name, vscode.TreeItemCollapsibleState.Expanded);
      case 'run':
        return runItem(node);
      case 'step':
        return stepItem(node);
    }
  }
}

const REFRESH_MS = 200;
const SHOWN_RUNS = 500;

function runsOf(runs: FolderRuns): RunNode[] {
  return runs.list(SHOWN_RUNS).map((run) => ({ type: 'run', runs, run }));
}

function troubleItem(error: unknown): vscode.TreeItem {
  const item = new vscode.TreeItem(messageOf(error));
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.tooltip = isStrataError(error) ? `${error.message}\n\n${error.action}` : messageOf(error);
  item.accessibilityInformation = { label: item.tooltip };
  item.command = { command: 'strata.refreshRuns', title: 'Try Again' };
  return item;
}

function runItem({ runs, run }: RunNode): vscode.TreeItem {
  const item = new vscode.TreeItem(shortTask(run.task), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `${runs.folder}#${run.id}`;
  item.description = describeRun(run, runs);
  item.iconPath = statusIcon(run.status);
  item.contextValue = `run.${run.status}`;
  item.tooltip = `${run.task}\n\n${run.agent} · ${run.status} · ${new Date(run.startedAt).toLocaleString()}`;
  item.accessibilityInformation = {
    label: `${run.status}: ${run.task}, agent ${run.agent}, ${run.steps} steps`,
  };
  item.command = open(runs, run.id);
  return item;
}

function describeRun(run: RunSummary, runs: FolderRuns): string {
  if (run.status === 'running') {
    const step = runs.view(run.id)?.steps.findLast(({ status }) => status === 'running');
    return [run.agent, step ? `step ${step.id}: ${step.kind} ${step.name}` : 'starting'].join(' · ');
  }
  return [
    run.agent,
    ...(run.status === 'succeeded' ? [] : [run.status]),
    formatDuration(run.updatedAt - run.startedAt),
    `${formatTokens(run.tokens)} tokens`,
    formatRunCost(run),
  ].join(' · ');
}

function stepItem({ runs, run, step }: StepNode): vscode.TreeItem {
  const { title, detail } = stepLabel(step);
  const label = [step.id, title, detail].filter(Boolean).join(' ');
  const item = new vscode.TreeItem(label);
  item.id = `${runs.folder}#${run}#${step.id}`;
  item.description = summariseStep(step, runs.payload);
  item.tooltip = item.description;
  item.iconPath = stepIcon(step);
  item.accessibilityInformation = { label: `step ${label}, ${step.status}: ${item.description}` };
  item.command = open(runs, run, step.id);
  return item;
}

function open(runs: FolderRuns, run: string, step?: string): vscode.Command {
  return {
    command: 'strata.openTrace',
    title: 'Open Trace',
    arguments: [{ run, folder: runs.folder, step }],
  };
}

function statusIcon(status: RunSummary['status']): vscode.ThemeIcon {
  switch (status) {
    case 'running':
      return new vscode.ThemeIcon('loading~spin');
    case 'succeeded':
      return new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed'));
    case 'failed':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
    case 'paused':
    case 'interrupted':
      return new vscode.ThemeIcon('debug-pause', new vscode.ThemeColor('list.warningForeground'));
    case 'stopped':
      return new vscode.ThemeIcon('circle-slash');
  }
}

function stepIcon(step: StepView): vscode.ThemeIcon {
  if (step.status === 'running') return new vscode.ThemeIcon('loading~spin');
  if (step.status === 'interrupted') return new vscode.ThemeIcon('debug-pause');
  if (step.status === 'failed' || step.isError) {
    return new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
  }
  const icons = {
    snapshot: 'device-camera',
    index: 'database',
    recall: 'history',
    catalogue: 'list-unordered',
    chat: 'comment',
    approval: 'person',
    tool: 'tools',
    remember: 'save',
    agent: 'hubot',
    merge: 'git-merge',
    'hand-over': 'arrow-swap',
    condense: 'fold',
    steer: 'comment-discussion',
    breaker: 'debug-pause',
    node: 'type-hierarchy-sub',
  } as const;
  return new vscode.ThemeIcon(icons[step.kind]);
}

/** Short enough that the state and the cost beside it can be seen; the whole task is in the tooltip. */
function shortTask(task: string): string {
  const line = task.split('\n')[0] ?? task;
  return line.length > TASK_CHARACTERS ? `${line.slice(0, TASK_CHARACTERS - 1)}…` : line;
}

const TASK_CHARACTERS = 26;
