import type * as vscode from 'vscode';
import { messageOf } from '../../base/errors.ts';
import { viewItem } from '../view-item.ts';
import { idOf, type ModelsNode } from './nodes.ts';
import { rowOf } from './rows.ts';

export function itemOf(node: ModelsNode, now: number): vscode.TreeItem {
  const row = rowOf(node, now);
  const item = viewItem(row, idOf(node));
  if (row.command === 'refresh') item.command = { command: 'strata.refreshModels', title: 'Try Again' };
  if (row.command === 'open' && node.type === 'trouble') {
    const given = { folder: node.folder, text: messageOf(node.error) };
    item.command = { command: 'strata.openModelDefinition', title: 'Open', arguments: [given] };
  }
  return item;
}
