import * as vscode from 'vscode';
import { messageOf } from '../../base/errors.ts';
import { dialogText } from '../plain-labels.ts';
import { idOf, type ModelsNode } from './nodes.ts';
import { rowOf, type Icon, type Row } from './rows.ts';

const STATES: Readonly<Record<Row['below'], vscode.TreeItemCollapsibleState>> = {
  none: vscode.TreeItemCollapsibleState.None,
  collapsed: vscode.TreeItemCollapsibleState.Collapsed,
  expanded: vscode.TreeItemCollapsibleState.Expanded,
};

export function itemOf(node: ModelsNode, now: number): vscode.TreeItem {
  const row = rowOf(node, now);
  const item = new vscode.TreeItem(row.label, STATES[row.below]);
  const id = idOf(node);
  if (id !== undefined) item.id = id;
  if (row.description !== undefined) item.description = row.description;
  if (row.icon) item.iconPath = themeIcon(row.icon);
  if (row.context !== undefined) item.contextValue = row.context;
  item.tooltip = tooltipOf(row);
  item.accessibilityInformation = { label: row.spoken };
  if (row.command === 'refresh') item.command = { command: 'strata.refreshModels', title: 'Try Again' };
  if (row.command === 'open' && node.type === 'trouble') {
    const given = { folder: node.folder, text: messageOf(node.error) };
    item.command = { command: 'strata.openModelDefinition', title: 'Open', arguments: [given] };
  }
  return item;
}

function themeIcon({ id, color }: Icon): vscode.ThemeIcon {
  return color === undefined
    ? new vscode.ThemeIcon(id)
    : new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
}

/** Texts of servers and files go in as texts: Markdown of theirs could show a link that is none of ours. */
function tooltipOf({ title, lines }: Row): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString(undefined, true);
  tooltip.appendMarkdown('**').appendText(title).appendMarkdown('**');
  for (const { icon, text } of lines)
    tooltip.appendMarkdown(`\n\n$(${icon}) `).appendText(dialogText(text, MOST_CHARACTERS));
  return tooltip;
}

const MOST_CHARACTERS = 1500;
