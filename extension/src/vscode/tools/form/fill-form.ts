import * as vscode from 'vscode';
import type { Json, JsonObject } from '../../../base/json.ts';
import {
  hintFor,
  initialValues,
  mistakesIn,
  showValue,
  valueIn,
  withValue,
} from '../../../core/tools/form/index.ts';
import type { Field, Form } from '../../../core/tools/form/index.ts';
import { matchPattern } from '../../../node/match-pattern.ts';
import type { TextPrompts } from '../../text-prompts.ts';
import { listLine } from '../../plain-labels.ts';
import { pick } from '../prompts/quick-pick.ts';
import { editAsJson } from './edit-json.ts';
import { editField } from './edit-field.ts';
import type { Edited } from './edited.ts';

export interface FormRequest {
  readonly title: string;
  readonly form: Form;
  readonly values: JsonObject;
  /** What choosing the first row does, such as `Call files_read`. */
  readonly confirm: string;
  /** Another row that ends it, such as `Decline`. */
  readonly decline?: string;
  /** A sentence above the fields. */
  readonly placeholder?: string;
  readonly back?: boolean;
}

export type FormAnswer =
  { readonly action: 'confirm'; readonly values: JsonObject } | { readonly action: 'decline' | 'back' };

interface Row extends vscode.QuickPickItem {
  readonly does: 'confirm' | 'decline' | 'json' | Field;
}

const CLEAR: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('clear-all'),
  tooltip: 'Leave Out',
};

/**
 * A form as a list of its fields with their values. Choosing a field asks for it; the first row ends the form as soon as
 * nothing stands in its way. Undefined when it was closed.
 */
export async function fillForm(
  request: FormRequest,
  prompts: TextPrompts,
  signal?: AbortSignal,
): Promise<FormAnswer | undefined> {
  let { values } = request;
  let last: Field | undefined;
  for (;;) {
    const mistakes = mistakesIn(request.form, values, matchPattern);
    const rows = rowsOf(request, values, mistakes[0]?.words);
    const next = mistakes[0]?.field;
    const chosen = await pick(
      {
        title: request.title,
        placeholder: request.placeholder ?? 'Choose a value to change it',
        items: rows,
        // After the last value that was missing, Enter confirms.
        active:
          rows.find(({ does }) => does === (next ?? 'confirm')) ?? rows.find(({ does }) => does === last),
        ...(request.back === true ? { back: true } : {}),
      },
      signal,
    );
    if (!chosen) return undefined;
    if (chosen.kind === 'back') return { action: 'back' };
    const does = chosen.item?.does;
    if (does === undefined) continue;
    if (chosen.kind === 'button') {
      if (typeof does === 'object') values = withValue(values, does.name, undefined);
    } else if (does === 'decline') return { action: 'decline' };
    else if (does === 'json') {
      const edited = await editAsJson(request.title, values, request.form.schema, prompts);
      if (edited !== undefined) values = edited;
    } else if (does === 'confirm' && !next) return { action: 'confirm', values };
    else {
      const field = does === 'confirm' ? next : does;
      if (!field) continue;
      const edited = await editOf(request.title, field, valueIn(values, field.name), prompts, signal);
      if (edited) values = withValue(values, field.name, edited.value);
      last = field;
    }
    if (signal?.aborted) return undefined;
  }
}

/** An object inside of the form is a form of its own. */
async function editOf(
  title: string,
  field: Field,
  value: Json | undefined,
  prompts: TextPrompts,
  signal: AbortSignal | undefined,
): Promise<Edited | undefined> {
  const { input } = field;
  if (input.kind !== 'group') return editField({ title, field: { ...field, input }, value }, prompts, signal);
  const answer = await fillForm(
    {
      title: `${title}: ${listLine(field.title, 60)}`,
      form: input.form,
      values: initialValues(input.form, objectIn(value)),
      confirm: 'Done',
      back: true,
    },
    prompts,
    signal,
  );
  return answer?.action === 'confirm' ? { value: answer.values } : undefined;
}

function objectIn(value: Json | undefined): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : {};
}

function rowsOf(request: FormRequest, values: JsonObject, mistake: string | undefined): Row[] {
  const { form, confirm, decline } = request;
  const separator = (label: string): Row => ({
    label,
    kind: vscode.QuickPickItemKind.Separator,
    does: 'json',
  });
  return [
    {
      label: confirm,
      iconPath: new vscode.ThemeIcon(mistake === undefined ? 'play' : 'circle-slash'),
      ...(mistake === undefined ? {} : { description: listLine(mistake) }),
      alwaysShow: true,
      does: 'confirm',
    },
    ...(decline === undefined
      ? []
      : [{ label: decline, iconPath: new vscode.ThemeIcon('close'), does: 'decline' as const }]),
    ...(form.fields.length > 0 ? [separator('values')] : []),
    ...form.fields.map((field) => fieldRow(field, values)),
    separator('all at once'),
    { label: 'Edit as JSON…', iconPath: new vscode.ThemeIcon('json'), does: 'json' },
  ];
}

function fieldRow(field: Field, values: JsonObject): Row {
  const value = valueIn(values, field.name);
  const mistake = mistakesIn({ fields: [field], schema: {} }, values, matchPattern).length > 0;
  const shown = value === undefined ? '' : listLine(showValue(field.input, value));
  const missing = field.required ? 'required' : 'not set';
  const icon = mistake ? 'warning' : value === undefined ? 'dash' : 'check';
  const about = [hintFor(field.input), field.description ?? ''].filter(Boolean).join(' · ');
  return {
    label: `${listLine(field.title, 60)}${field.required ? ' *' : ''}`,
    iconPath: new vscode.ThemeIcon(icon),
    description: shown === '' ? missing : shown,
    detail: listLine(about),
    ...(value !== undefined && !field.required ? { buttons: [CLEAR] } : {}),
    does: field,
  };
}
