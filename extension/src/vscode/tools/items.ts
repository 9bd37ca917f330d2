import * as vscode from 'vscode';
import { isStrataError, messageOf } from '../../base/errors.ts';
import type { ServerState, ServerStatus } from '../../core/tools/index.ts';
import type { StepEffect } from '../../protocol/run-event.ts';
import { placeIn } from '../place-in.ts';
import type { HeldNode, MayNode, ServerNode, ToolNode, ToolsNode } from './nodes.ts';
import { idOf } from './nodes.ts';
import { dialogText, listLine } from '../plain-labels.ts';
import {
  allowance,
  countOf,
  effectWords,
  originWords,
  ownName,
  serverDescription,
  serverSpoken,
  sourceWords,
  tokensWords,
} from './words.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

export function itemOf(node: ToolsNode): vscode.TreeItem {
  const item = plainItem(node);
  const id = idOf(node);
  if (id !== undefined) item.id = id;
  return item;
}

function plainItem(node: ToolsNode): vscode.TreeItem {
  switch (node.type) {
    case 'folder':
      return new vscode.TreeItem(node.name, Expanded);
    case 'trouble':
      return troubleItem(node.error, node.folder);
    case 'server':
      return serverItem(node);
    case 'may':
      return mayItem(node);
    case 'allowance':
      return allowanceItem(node.text);
    case 'tool':
      return toolItem(node);
    case 'held':
      return heldItem(node);
  }
}

function troubleItem(error: unknown, folder: string | undefined): vscode.TreeItem {
  const message = messageOf(error);
  const place = placeIn(message);
  const item = new vscode.TreeItem(
    place ? `${place.file.split('/').at(-1) ?? place.file}:${place.line}` : listLine(message),
  );
  if (place) item.description = listLine(place.words);
  // A mistake leaves the rest of its file in use.
  item.iconPath = place
    ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'))
    : new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  const whole = isStrataError(error) ? `${message}\n\n${error.action}` : message;
  item.tooltip = whole;
  item.accessibilityInformation = { label: whole };
  item.command =
    folder !== undefined && place
      ? { command: 'strata.openServerDefinition', title: 'Open', arguments: [{ folder, text: message }] }
      : { command: 'strata.refreshTools', title: 'Try Again' };
  return item;
}

function serverItem({ folder, server, state }: ServerNode): vscode.TreeItem {
  const { definition, status, tools, heldBack, looser, problem } = state;
  const below = tools.length + heldBack.length + looser.length;
  const item = new vscode.TreeItem(server, below > 0 ? Collapsed : None);
  item.description =
    problem && (status === 'failed' || status === 'unavailable')
      ? `${serverDescription(state)}: ${listLine(problem.message, 80)}`
      : serverDescription(state);
  item.iconPath = serverIcon(status);
  item.tooltip = serverTooltip(state);
  item.accessibilityInformation = { label: serverSpoken(state) };
  // The editor runs its own: what is done with servers is done with those elsewhere.
  const what = definition.origin === 'editor' ? 'editor' : 'server';
  item.contextValue = [
    `${what}.${status}.${definition.origin}`,
    ...(definition.sandbox.secrets.length > 0 ? ['secrets'] : []),
    ...(problem && placeIn(problem.message) ? ['mistake'] : []),
  ].join('.');
  if (problem && placeIn(problem.message)) {
    item.command = {
      command: 'strata.openServerDefinition',
      title: 'Open',
      arguments: [{ folder, server, text: problem.message }],
    };
  }
  return item;
}

function serverIcon(status: ServerStatus): vscode.ThemeIcon {
  switch (status) {
    case 'disabled':
      return new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor('disabledForeground'));
    case 'not-set-up':
      return new vscode.ThemeIcon('vm-outline');
    case 'setting-up':
      return new vscode.ThemeIcon('loading~spin');
    case 'ready':
      return new vscode.ThemeIcon('vm');
    case 'running':
      return new vscode.ThemeIcon('vm-running', new vscode.ThemeColor('testing.iconPassed'));
    case 'failed':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
    case 'unavailable':
      return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  }
}

/** Texts of servers go in as texts: Markdown of theirs could show a link that is none of ours. */
function serverTooltip(state: ServerState): vscode.MarkdownString {
  const { definition, problem, tools, heldBack, looser, tokens, lastUse, image } = state;
  const tooltip = new vscode.MarkdownString(undefined, true);
  tooltip.appendMarkdown('**').appendText(definition.name).appendMarkdown('** · ');
  tooltip.appendText(serverDescription(state)).appendMarkdown('\n\n');
  const line = (icon: string, text: string): void => {
    tooltip
      .appendMarkdown(`$(${icon}) `)
      .appendText(dialogText(text, MOST_CHARACTERS))
      .appendMarkdown('\n\n');
  };
  if (problem) line('warning', [problem.message, problem.action].filter(Boolean).join(' '));
  line('package', `${sourceWords(definition)}, ${originWords(definition)}`);
  line(
    'shield',
    looser.length > 0
      ? `May: ${looser.map(allowance).join('; ')}`
      : definition.source.kind === 'http' || definition.source.kind === 'editor'
        ? 'It does not run in a container of Strata.'
        : 'No network, no secrets, and nothing else beyond the strictest sandbox.',
  );
  if (tools.length > 0) line('symbol-string', tokensWords(tokens));
  if (heldBack.length > 0) line('eye-closed', `${countOf(heldBack.length, 'tool')} held back from agents.`);
  if (lastUse !== undefined) line('history', `Last used ${new Date(lastUse).toLocaleString()}.`);
  if (image !== undefined) line('vm', image.slice(0, IMAGE_CHARACTERS));
  return tooltip;
}

const MOST_CHARACTERS = 1500;
/** `sha256:` and the twelve digits that Docker shows too. */
const IMAGE_CHARACTERS = 19;

function mayItem({ state }: MayNode): vscode.TreeItem {
  const words = state.looser.map(allowance).join('; ');
  const item = new vscode.TreeItem(`May: ${listLine(words)}`, state.looser.length > 1 ? Collapsed : None);
  item.iconPath = new vscode.ThemeIcon('unlock', new vscode.ThemeColor('list.warningForeground'));
  item.tooltip = `Beyond the strictest sandbox, it may:\n\n${state.looser.map((one) => `• ${allowance(one)}`).join('\n')}`;
  item.accessibilityInformation = { label: `may: ${words}` };
  item.contextValue = 'may';
  return item;
}

function allowanceItem(text: string): vscode.TreeItem {
  const item = new vscode.TreeItem(listLine(allowance(text)));
  item.tooltip = dialogText(text);
  item.accessibilityInformation = { label: allowance(text) };
  return item;
}

function toolItem({ server, tool, about }: ToolNode): vscode.TreeItem {
  const item = new vscode.TreeItem(ownName(server, tool));
  item.description = listLine(about.description.split('\n')[0] ?? '', 120);
  item.iconPath = new vscode.ThemeIcon(EFFECT_ICONS[about.effect]);
  const tooltip = new vscode.MarkdownString(undefined, true);
  tooltip.appendMarkdown('**').appendText(tool).appendMarkdown('**\n\n');
  tooltip.appendText(dialogText(about.description, MOST_CHARACTERS)).appendMarkdown('\n\n');
  tooltip.appendMarkdown(`$(${EFFECT_ICONS[about.effect]}) `).appendText(effectWords(about));
  if (about.tags && about.tags.length > 0)
    tooltip.appendMarkdown('\n\n$(tag) ').appendText(about.tags.join(', '));
  item.tooltip = tooltip;
  item.accessibilityInformation = {
    label: `tool ${ownName(server, tool)}, ${effectWords(about)} ${item.description}`,
  };
  item.contextValue = 'tool';
  return item;
}

const EFFECT_ICONS: Readonly<Record<StepEffect, string>> = {
  read: 'eye',
  contained: 'edit',
  change: 'zap',
};

function heldItem({ server, held }: HeldNode): vscode.TreeItem {
  const item = new vscode.TreeItem(listLine(ownName(server, held.name), 80));
  item.description = `held back: ${listLine(held.reason)}`;
  item.iconPath = new vscode.ThemeIcon('eye-closed', new vscode.ThemeColor('list.warningForeground'));
  item.tooltip = `${dialogText(held.name, 200)} is not offered to agents.\n\n${dialogText(held.reason)}`;
  item.accessibilityInformation = { label: `tool ${held.name}, held back: ${dialogText(held.reason)}` };
  item.contextValue = 'held';
  return item;
}
