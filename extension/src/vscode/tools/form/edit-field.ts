import * as vscode from 'vscode';
import type { Json, JsonObject } from '../../../base/json.ts';
import { formOf, hintFor, initialValues, readTyped, showValue } from '../../../core/tools/form/index.ts';
import type { Choice, Field, FieldInput, NumberInput, TextInput } from '../../../core/tools/form/index.ts';
import { matchPattern } from '../../../node/match-pattern.ts';
import type { TextPrompts } from '../../text-prompts.ts';
import { listLine } from '../../plain-labels.ts';
import { pick, pickSeveral } from '../prompts/quick-pick.ts';
import { enter } from '../prompts/text-input.ts';
import { editAsJson, editText } from './edit-json.ts';
import { editList } from './edit-list.ts';
import type { Edited } from './edited.ts';

export interface FieldRequest {
  /** Of the form. */
  readonly title: string;
  readonly field: Field & { readonly input: Exclude<FieldInput, { readonly kind: 'group' }> };
  readonly value: Json | undefined;
}

const IN_EDITOR: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('go-to-file'),
  tooltip: 'Write It in an Editor',
};

/** Asks for one value that is no form of its own, in the way that suits it. Undefined when it stays as it is. */
export async function editField(
  request: FieldRequest,
  prompts: TextPrompts,
  signal?: AbortSignal,
): Promise<Edited | undefined> {
  const { field, value } = request;
  const { input } = field;
  switch (input.kind) {
    case 'text':
    case 'number':
      return editTyped(request, input, prompts, signal);
    case 'flag':
      return editChoice(request, FLAGS, signal);
    case 'choice':
      return editChoice(request, input.choices, signal);
    case 'choices': {
      const items = input.choices.map((choice) => ({ label: listLine(choice.label), choice }));
      const has = Array.isArray(value) ? value.map((one) => JSON.stringify(one)) : [];
      const chosen = await pickSeveral(
        {
          title: titleOf(request),
          placeholder: aboutOf(field),
          items,
          picked: items.filter(({ choice }) => has.includes(JSON.stringify(choice.value))),
          back: true,
        },
        signal,
      );
      if (chosen === undefined || chosen === 'back') return undefined;
      return { value: chosen.map(({ choice }) => choice.value) };
    }
    case 'list':
      return editList(titleOf(request), aboutOf(field), input.item, value, signal);
    case 'json': {
      const edited = await editAsJson(
        titleOf(request),
        value ?? emptyFor(input.schema),
        input.schema,
        prompts,
      );
      return edited === undefined ? undefined : { value: edited };
    }
  }
}

const FLAGS: readonly Choice[] = [
  { value: true, label: 'true' },
  { value: false, label: 'false' },
];

async function editChoice(
  request: FieldRequest,
  choices: readonly Choice[],
  signal: AbortSignal | undefined,
): Promise<Edited | undefined> {
  const { field, value } = request;
  const items: readonly (vscode.QuickPickItem & Edited)[] = [
    ...choices.map(({ label, value: one }) => ({ label: listLine(label), value: one })),
    ...(field.required
      ? []
      : [{ label: 'Leave it out', iconPath: new vscode.ThemeIcon('dash'), value: undefined }]),
  ];
  const active = items.find((item) => JSON.stringify(item.value) === JSON.stringify(value));
  const chosen = await pick(
    { title: titleOf(request), placeholder: aboutOf(field), items, active, back: true },
    signal,
  );
  return chosen?.kind === 'item' ? { value: chosen.item.value } : undefined;
}

async function editTyped(
  request: FieldRequest,
  input: TextInput | NumberInput,
  prompts: TextPrompts,
  signal: AbortSignal | undefined,
): Promise<Edited | undefined> {
  const { field, value } = request;
  const read = (text: string) =>
    // An empty box leaves an optional value out; an empty text is written in an editor or as JSON.
    text === '' && !field.required ? { value: undefined } : readTyped(input, text, matchPattern);
  const entered = await enter(
    {
      title: titleOf(request),
      prompt: aboutOf(field),
      value: typeof value === 'string' ? value : value === undefined ? '' : showValue(input, value),
      placeholder: field.required ? 'Required' : 'Empty: left out',
      back: true,
      ...(input.kind === 'text' ? { buttons: [IN_EDITOR] } : {}),
      check: (text) => {
        const typed = read(text);
        return 'mistake' in typed ? typed.mistake : undefined;
      },
    },
    signal,
  );
  if (!entered || entered.kind === 'back') return undefined;
  const text =
    entered.kind === 'text'
      ? entered.text
      : await editText(titleOf(request), entered.text, prompts, (given) => {
          const typed = readTyped(input, given, matchPattern);
          return 'mistake' in typed ? typed.mistake : undefined;
        });
  if (text === undefined) return undefined;
  const typed = entered.kind === 'text' ? read(text) : { value: text };
  return 'mistake' in typed ? undefined : { value: typed.value };
}

function titleOf({ title, field }: FieldRequest): string {
  return `${title}: ${listLine(field.title, 60)}`;
}

function aboutOf(field: Field): string {
  return [listLine(field.description ?? '', 300), hintFor(field.input)].filter(Boolean).join(' · ');
}

/** Something to begin with for what is written as JSON. */
function emptyFor(schema: JsonObject): Json {
  if (schema['type'] === 'array') return [];
  return schema['type'] === 'object' ? initialValues(formOf(schema)) : null;
}
