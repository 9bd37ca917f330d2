import * as vscode from 'vscode';
import { isStrataError, messageOf } from '../base/errors.ts';
import { formatDuration, formatRunCost, formatTokens } from '../protocol/format.ts';
import { originOf, shortOrigin, wholeOriginOf } from '../protocol/origin-label.ts';
import type { RunId, StepId } from '../protocol/run-event.ts';
import type { RunView, StepView } from '../protocol/run-view.ts';
import type { RunSummary } from '../node/sqlite/index.ts';
import { stepLabel } from '../protocol/step-label.ts';
import { summariseStep } from '../core/observability/step-summary.ts';
import type { FolderRuns } from './folder-runs.ts';
import type { GroupNode, MoreNode, RunNode, StepNode, SubRunNode } from './run-nodes.ts';

/** Whether a step waits for a person's approval, in this window. */
export type Waits = (run: RunId, step: StepId) => boolean;

export function troubleItem(error: unknown): vscode.TreeItem {
  const item = new vscode.TreeItem(messageOf(error));
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.tooltip = isStrataError(error) ? `${error.message}\n\n${error.action}` : messageOf(error);
  item.accessibilityInformation = { label: item.tooltip };
  item.command = { command: 'strata.refreshRuns', title: 'Try Again' };
  return item;
}

/** `list`: the group that it stands in. A run that goes from one to another may for a moment stand in both. */
export function runItem({ runs, run, list }: RunNode): vscode.TreeItem {
  const item = new vscode.TreeItem(shortTask(run.task), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `${list}#${run.id}`;
  item.description = describeRun(run, runs);
  item.iconPath = statusIcon(run.status);
  item.contextValue =
    run.status === 'running' ? 'run.running' : `run.${run.status}${run.undecided ? '.changes' : ''}`;
  item.tooltip = [
    run.task,
    [run.agent, run.status, new Date(run.startedAt).toLocaleString()].join(' · '),
    sizeWords(run),
    ...originWords(run, runs),
    ...(run.pinned ? ['Pinned: it is kept, however old it grows.'] : []),
  ].join('\n\n');
  const from = originOfRow(run, runs);
  item.accessibilityInformation = {
    label: [
      `${run.status}: ${run.task}`,
      `agent ${run.agent}`,
      ...(from ? [originOf(from)] : []),
      sizeWords(run),
    ].join(', '),
  };
  item.command = open(runs, run.id);
  return item;
}

function describeRun(run: RunSummary, runs: FolderRuns): string {
  if (run.status === 'running') {
    const step = runs.view(run.id)?.steps.findLast(({ status }) => status === 'running');
    return [run.agent, step ? `step ${step.id}: ${step.kind} ${step.name}` : 'starting'].join(' · ');
  }
  const from = originOfRow(run, runs);
  return [
    ...(run.pinned ? ['pinned'] : []),
    ...(from ? [shortOrigin(from)] : []),
    run.agent,
    ...(run.status === 'succeeded' ? [] : [run.status]),
    formatDuration(run.updatedAt - run.startedAt),
    `${formatTokens(run.tokens)} tokens`,
    formatRunCost(run),
    ...(run.files === 0 ? [] : [counted(run.files, 'file')]),
  ].join(' · ');
}

function sizeWords(run: RunSummary): string {
  return [
    counted(run.steps, 'step'),
    counted(run.calls, 'model call'),
    formatDuration(run.updatedAt - run.startedAt),
    `${formatTokens(run.tokens)} tokens`,
    formatRunCost(run),
    `${counted(run.files, 'file')} changed`,
  ].join(' · ');
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

export function groupItem({ runs, group, list, below }: GroupNode): vscode.TreeItem {
  const item = new vscode.TreeItem(group.label, vscode.TreeItemCollapsibleState[below]);
  item.id = `${runs.folder}#${list}`;
  item.description = String(group.count);
  item.contextValue = 'group';
  item.accessibilityInformation = { label: `${group.label}, ${counted(group.count, 'run')}` };
  return item;
}

export function moreItem({ list, what }: MoreNode): vscode.TreeItem {
  const item = new vscode.TreeItem(`Show more ${what}`);
  item.id = `${list}#more`;
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command: 'strata.showMoreRuns', title: 'Show More', arguments: [list] };
  return item;
}

/** Where it came from, and why it stands still. */
function originWords(run: RunSummary, runs: FolderRuns): readonly string[] {
  const stands = run.status === 'paused' ? runs.view(run.id)?.error : undefined;
  const reason = stands ? [[stands.message, stands.action].filter(Boolean).join(' ')] : [];
  const from = originOfRow(run, runs);
  return [...(from ? [wholeOriginOf(from)] : []), ...reason];
}

/** Read for the few runs that came from another one. */
function originOfRow({ id, origin }: RunSummary, runs: FolderRuns): RunView | undefined {
  return origin === 'user' ? undefined : runs.view(id);
}

export function stepItem({ runs, run, step }: StepNode, waits: Waits): vscode.TreeItem {
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

export function subRunItem({ runs, run, of, at }: SubRunNode): vscode.TreeItem {
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
