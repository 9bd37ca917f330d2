import * as vscode from 'vscode';
import type { Json } from '../../../base/json.ts';
import { hintFor, readTyped } from '../../../core/tools/form/index.ts';
import type { NumberInput, TextInput } from '../../../core/tools/form/index.ts';
import { matchPattern } from '../../../node/match-pattern.ts';
import { listLine } from '../../plain-labels.ts';
import { pick } from '../prompts/quick-pick.ts';
import { enter } from '../prompts/text-input.ts';
import type { Edited } from './edited.ts';

const REMOVE: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: 'Remove' };

interface Row extends vscode.QuickPickItem {
  readonly does: 'done' | 'add' | number;
}

/** A list of texts or numbers, one row each. */
export async function editList(
  title: string,
  about: string,
  item: TextInput | NumberInput,
  value: Json | undefined,
  signal: AbortSignal | undefined,
): Promise<Edited | undefined> {
  let items: readonly Json[] = Array.isArray(value) ? (value as readonly Json[]) : [];
  for (;;) {
    const rows: Row[] = [
      { label: 'Done', iconPath: new vscode.ThemeIcon('check'), description: countOf(items), does: 'done' },
      { label: 'Add…', iconPath: new vscode.ThemeIcon('add'), does: 'add' },
      ...items.map((one, i) => ({ label: listLine(textOf(one)), buttons: [REMOVE], does: i })),
    ];
    const active = rows.find(({ does }) => does === (items.length === 0 ? 'add' : 'done'));
    const chosen = await pick({ title, placeholder: about, items: rows, active, back: true }, signal);
    if (!chosen || chosen.kind === 'back') return undefined;
    const does = chosen.item?.does;
    if (does === 'done') return { value: items };
    if (chosen.kind === 'button') items = items.filter((_, i) => i !== does);
    else {
      const at = typeof does === 'number' ? does : items.length;
      const entered = await editOne(title, item, items[at], signal);
      if (entered !== undefined) items = [...items.slice(0, at), entered, ...items.slice(at + 1)];
    }
  }
}

async function editOne(
  title: string,
  item: TextInput | NumberInput,
  value: Json | undefined,
  signal: AbortSignal | undefined,
): Promise<Json | undefined> {
  const read = (text: string) => readTyped(item, text, matchPattern);
  const entered = await enter(
    {
      title,
      prompt: hintFor(item) || 'One entry of the list',
      value: value === undefined ? '' : textOf(value),
      back: true,
      check: (text) => {
        const typed = read(text);
        return 'mistake' in typed ? typed.mistake : undefined;
      },
    },
    signal,
  );
  if (entered?.kind !== 'text') return undefined;
  const typed = read(entered.text);
  return 'mistake' in typed ? undefined : typed.value;
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function countOf(items: readonly Json[]): string {
  if (items.length === 0) return 'empty list';
  return items.length === 1 ? '1 entry' : `${items.length} entries`;
}
