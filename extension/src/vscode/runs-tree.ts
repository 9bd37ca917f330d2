import * as vscode from 'vscode';
import { isStrataError, messageOf } from '../base/errors.ts';
import { formatDuration, formatRunCost, formatTokens } from '../protocol/format.ts';
import { originLabel } from '../protocol/origin-label.ts';
import type { RunId, StepId } from '../protocol/run-event.ts';
import type { StepView } from '../protocol/run-view.ts';
import type { RunSummary } from '../node/sqlite/index.ts';
import { stepLabel } from '../protocol/step-label.ts';
import { summariseStep } from '../core/observability/step-summary.ts';
import type { FolderRuns } from './folder-runs.ts';

type Node = TroubleNode | FolderNode | RunNode | StepNode | SubRunNode;

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

/** A step that is another agent's run; what that did is below it. */
interface SubRunNode {
  readonly type: 'sub';
  readonly runs: FolderRuns;
  /** The sub-run. */
  readonly run: { readonly id: RunId };
  /** The run that it is a part of. */
  readonly of: RunId;
  readonly at: StepView;
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
  readonly #waits: Waits;
  #timer: NodeJS.Timeout | undefined;

  constructor(folders: () => Promise<FoundFolders>, waits: Waits) {
    this.#folders = folders;
    this.#waits = waits;
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
      case 'run':
      case 'sub':
        return stepsOf(node.runs, node.run.id, '');
      case 'step':
        return stepsOf(node.runs, node.run, node.step.id);
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
        return stepItem(node, this.#waits);
      case 'sub':
        return subRunItem(node);
    }
  }
}

/** Whether a step waits for a person's approval, in this window. */
type Waits = (run: RunId, step: StepId) => boolean;

/** The steps right inside of a step, or of the run itself. */
function stepsOf(runs: FolderRuns, run: RunId, outer: StepId): Node[] {
  const steps = runs.view(run)?.steps ?? [];
  return steps
    .filter(({ id }) => id.slice(0, Math.max(0, id.lastIndexOf('.'))) === outer)
    .map((step) =>
      step.child === undefined
        ? { type: 'step', runs, run, step }
        : { type: 'sub', runs, run: { id: step.child }, of: run, at: step },
    );
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
  item.contextValue =
    run.status === 'running' ? 'run.running' : `run.${run.status}${run.undecided ? '.changes' : ''}`;
  item.tooltip = [
    run.task,
    [run.agent, run.status, new Date(run.startedAt).toLocaleString()].join(' · '),
    ...originWords(run, runs),
    ...(run.pinned ? ['Pinned: it is kept, however old it grows.'] : []),
  ].join('\n\n');
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
    ...(run.pinned ? ['pinned'] : []),
    ...(run.origin === 'user' ? [] : [run.origin]),
    run.agent,
    ...(run.status === 'succeeded' ? [] : [run.status]),
    formatDuration(run.updatedAt - run.startedAt),
    `${formatTokens(run.tokens)} tokens`,
    formatRunCost(run),
  ].join(' · ');
}

/** Where it came from, and why it stands still. Read for the few runs that this is asked of. */
function originWords(run: RunSummary, runs: FolderRuns): readonly string[] {
  const stands = run.status === 'paused' ? runs.view(run.id)?.error : undefined;
  const reason = stands ? [[stands.message, stands.action].filter(Boolean).join(' ')] : [];
  if (run.origin === 'user') return reason;
  const origin = runs.view(run.id)?.origin;
  return [...(origin ? [originLabel(origin)] : []), ...reason];
}

function stepItem({ runs, run, step }: StepNode, waits: Waits): vscode.TreeItem {
  const { title, detail } = stepLabel(step);
  const label = [step.id, title, detail].filter(Boolean).join(' ');
  const item = new vscode.TreeItem(
    label,
    step.kind === 'node' ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
  );
  const waiting = waits(run, step.id);
  item.id = `${runs.folder}#${run}#${step.id}`;
  item.description = waiting ? 'waits for you' : summariseStep(step, runs.payload);
  item.tooltip = item.description;
  item.iconPath = waiting
    ? new vscode.ThemeIcon('shield', new vscode.ThemeColor('list.warningForeground'))
    : stepIcon(step);
  item.contextValue = [
    `step.${step.status}`,
    ...(step.files ? ['files'] : []),
    ...(waiting ? ['waiting'] : []),
  ].join('.');
  item.accessibilityInformation = {
    label: `step ${label}, ${waiting ? 'waits for you' : step.status}: ${item.description}`,
  };
  item.command = open(runs, run, step.id);
  return item;
}

function subRunItem({ runs, run, of, at }: SubRunNode): vscode.TreeItem {
  const { title, detail } = stepLabel(at);
  const label = [at.id, title, detail].filter(Boolean).join(' ');
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
  const { rollUp } = at;
  item.id = `${runs.folder}#${of}#${at.id}`;
  item.description = [
    ...(rollUp ? [formatRunCost(rollUp)] : []),
    summariseStep(at, runs.payload) || (at.status === 'running' ? 'at work' : at.status),
  ].join(' · ');
  item.tooltip = item.description;
  item.iconPath = stepIcon(at);
  item.contextValue = `sub.${at.status}`;
  item.accessibilityInformation = { label: `step ${label}, ${at.status}: ${item.description}` };
  item.command = open(runs, run.id);
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
