import * as vscode from 'vscode';
import type { Hit, Recalled } from '../../../core/memory/index.ts';
import { listLine } from '../../plain-labels.ts';
import type { FolderMemory } from '../memory-ports.ts';
import { ageWords } from '../view/words.ts';
import { recallWords } from '../view/recall-words.ts';
import { hitRow } from './results.ts';

/** What a row of the search stands for. */
export type Found =
  | { readonly kind: 'hit'; readonly in: FolderMemory; readonly hit: Hit }
  | { readonly kind: 'episode'; readonly in: FolderMemory; readonly run: string }
  | { readonly kind: 'note'; readonly in: FolderMemory; readonly note: string }
  | { readonly kind: 'index' }
  | { readonly kind: 'other-words' }
  | { readonly kind: 'nothing' };

export interface FoundItem extends vscode.QuickPickItem {
  readonly found: Found;
}

/** What one folder answered. */
export interface FolderAnswer {
  readonly in: FolderMemory;
  readonly hits: readonly Hit[];
  readonly recalled: readonly Recalled[];
}

export const TO_SIDE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('split-horizontal'),
  tooltip: 'Open to the Side',
};
export const COPY_PATH: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('copy'),
  tooltip: 'Copy Path',
};

/** Places first, then what is remembered of earlier runs. With several folders each says its name. */
export function itemsOf(answers: readonly FolderAnswer[], now: number): FoundItem[] {
  const several = answers.length > 1;
  const named = (what: string, { name }: FolderMemory): string => (several ? `${what} in ${name}` : what);
  return answers.flatMap((answer) => [
    ...section(
      named('Files', answer.in),
      answer.hits.map((hit) => hitItem(answer.in, hit)),
    ),
    ...section(
      named('Notes and earlier runs', answer.in),
      answer.recalled.map((one) => recalledItem(answer.in, one, now)),
    ),
  ]);
}

/** The last row: choosing it leaves the list open. */
export function otherWordsItem(): FoundItem {
  return messageItem(
    '$(sparkle) Ask the model for other words',
    'The route “fast” is sent what you typed, and searches again with the words that it writes. It is a run, with its cost.',
    { kind: 'other-words' },
  );
}

export function messageItem(label: string, detail: string, found: Found = { kind: 'nothing' }): FoundItem {
  return { label, detail, alwaysShow: true, found };
}

function section(label: string, items: readonly FoundItem[]): FoundItem[] {
  if (items.length === 0) return [];
  const separator = vscode.QuickPickItemKind.Separator;
  return [{ label, kind: separator, found: { kind: 'nothing' } }, ...items];
}

function hitItem(folder: FolderMemory, hit: Hit): FoundItem {
  return {
    ...hitRow(hit),
    // The memory has matched already, by more than letters.
    alwaysShow: true,
    iconPath: new vscode.ThemeIcon(ICONS[hit.kind ?? 'text']),
    buttons: [TO_SIDE, COPY_PATH],
    found: { kind: 'hit', in: folder, hit },
  };
}

const ICONS = {
  code: 'symbol-method',
  docs: 'markdown',
  notebook: 'notebook',
  config: 'settings-gear',
  text: 'file',
} as const;

function recalledItem(folder: FolderMemory, one: Recalled, now: number): FoundItem {
  const detail = listLine(recallWords(one.why).join(' · '));
  if (one.kind === 'note')
    return {
      ...{ label: listLine(one.text), detail, alwaysShow: true },
      iconPath: new vscode.ThemeIcon('note'),
      found: { kind: 'note', in: folder, note: one.id },
    };
  return {
    ...{ label: listLine(one.task), detail, alwaysShow: true },
    description: listLine([one.agent, one.outcome, ageWords(one.at, now)].join(' · ')),
    iconPath: new vscode.ThemeIcon('history'),
    found: { kind: 'episode', in: folder, run: one.run },
  };
}
