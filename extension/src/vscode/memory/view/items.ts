import type * as vscode from 'vscode';
import { viewItem } from '../../view-item.ts';
import { idOf, type MemoryNode } from './nodes.ts';
import { rowOf, type Row } from './rows.ts';

export function itemOf(node: MemoryNode, now: number): vscode.TreeItem {
  const row = rowOf(node, now);
  const item = viewItem(row, idOf(node));
  const command = commandOf(node, row);
  if (command) item.command = command;
  return item;
}

function commandOf(node: MemoryNode, { command }: Row): vscode.Command | undefined {
  if (command === undefined) return undefined;
  const folder = node.type === 'trouble' ? undefined : node.folder;
  switch (command) {
    case 'refresh':
      return { command: 'strata.refreshMemory', title: 'Try Again' };
    case 'choose-embedder':
      return { command: 'strata.chooseEmbedder', title: 'Choose Embedder' };
    case 'more':
      return {
        command: 'strata.refreshMemory',
        title: 'Show Older Runs',
        arguments: [{ folder, more: true }],
      };
    case 'open-run':
      return node.type === 'episode'
        ? { command: 'strata.openTrace', title: 'Open Trace', arguments: [{ folder, run: node.run }] }
        : undefined;
    case 'open-note':
      return node.type === 'note'
        ? { command: 'strata.openNotes', title: 'Open Note', arguments: [{ folder, note: node.note }] }
        : undefined;
  }
}
