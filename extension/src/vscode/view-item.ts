import * as vscode from 'vscode';
import { dialogText } from './plain-labels.ts';
import type { Icon, ViewRow } from './view-row.ts';

const STATES: Readonly<Record<ViewRow['below'], vscode.TreeItemCollapsibleState>> = {
  none: vscode.TreeItemCollapsibleState.None,
  collapsed: vscode.TreeItemCollapsibleState.Collapsed,
  expanded: vscode.TreeItemCollapsibleState.Expanded,
};

/** `id`: by which the editor knows it again after a refresh. */
export function viewItem(row: ViewRow, id: string | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label, STATES[row.below]);
  if (id !== undefined) item.id = id;
  if (row.description !== undefined) item.description = row.description;
  if (row.icon) item.iconPath = themeIcon(row.icon);
  if (row.context !== undefined) item.contextValue = row.context;
  item.tooltip = tooltipOf(row);
  item.accessibilityInformation = { label: row.spoken };
  return item;
}

function themeIcon({ id, color }: Icon): vscode.ThemeIcon {
  return color === undefined
    ? new vscode.ThemeIcon(id)
    : new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
}

/** Texts of servers, runs and files go in as texts: Markdown of theirs could show a link that is none of ours. */
function tooltipOf({ title, lines }: ViewRow): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString(undefined, true);
  tooltip.appendMarkdown('**').appendText(dialogText(title, MOST_CHARACTERS)).appendMarkdown('**');
  for (const { icon, text } of lines)
    tooltip.appendMarkdown(`\n\n$(${icon}) `).appendText(dialogText(text, MOST_CHARACTERS));
  return tooltip;
}

const MOST_CHARACTERS = 1500;
