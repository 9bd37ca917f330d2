import type { Json, JsonObject } from '../../../base/json.ts';
import { mistakeOf, valueIn, type Matches } from './check.ts';
import type { Choice, Field, FieldInput, Form, NumberInput, TextInput } from './field.ts';

export type Typed = { readonly value: Json } | { readonly mistake: string };

/** What a person typed into a prompt, as a value; what is wrong with it begins with a capital, as a sentence of its own. */
export function readTyped(input: TextInput | NumberInput, text: string, matches: Matches): Typed {
  const value = input.kind === 'text' ? text : numberIn(text);
  if (value === undefined) return { mistake: 'It must be a number.' };
  const mistake = mistakeOf({ name: '', title: '', required: true, input }, value, matches);
  return mistake === undefined ? { value } : { mistake: `It ${mistake}.` };
}

/** Numbers as JSON writes them, and with a sign or a bare fraction as people do. */
function numberIn(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** What the form begins with: defaults, and values that have no alternative. */
export function initialValues(form: Form, given: JsonObject = {}): JsonObject {
  const values = form.fields.flatMap((field) => {
    const value = valueIn(given, field.name) ?? initialValue(field);
    return value === undefined ? [] : [[field.name, value] as const];
  });
  // What the schema does not name but was given stays: it may take more than it names.
  return Object.fromEntries([...Object.entries(given), ...values]);
}

function initialValue({ initial, required, input }: Field): Json | undefined {
  if (initial !== undefined) return initial;
  if (!required) return undefined;
  if (input.kind === 'choice' && input.choices.length === 1) return input.choices[0]?.value;
  if (input.kind !== 'group') return undefined;
  const values = initialValues(input.form);
  return Object.keys(values).length > 0 ? values : undefined;
}

/** The values with one of them changed, or taken out. */
export function withValue(values: JsonObject, name: string, value: Json | undefined): JsonObject {
  const others = Object.entries(values).filter(([key]) => key !== name);
  return Object.fromEntries(value === undefined ? others : [...others, [name, value]]);
}

const SHOWN = 80;

/** A value in one short line. */
export function showValue(input: FieldInput, value: Json): string {
  if (input.kind === 'choice') return labelIn(input.choices, value);
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.length === 0) return 'empty list';
    const shown = input.kind === 'choices' ? items.map((item) => labelIn(input.choices, item)) : items;
    return cut(shown.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(', '));
  }
  if (value === '') return 'empty text';
  return cut(typeof value === 'string' ? value : JSON.stringify(value));
}

function labelIn(choices: readonly Choice[], value: Json): string {
  const text = JSON.stringify(value);
  return choices.find((choice) => JSON.stringify(choice.value) === text)?.label ?? cut(text);
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line;
}

/** What may be entered, in a few words for a prompt; empty where anything may. */
export function hintFor(input: FieldInput): string {
  switch (input.kind) {
    case 'text': {
      const { minLength, maxLength, pattern, format } = input;
      return [
        ...(format === undefined ? [] : [format]),
        ...(minLength === undefined || minLength === 0 ? [] : [`at least ${minLength} characters`]),
        ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
        ...(pattern === undefined ? [] : [`matching ${pattern}`]),
      ].join(', ');
    }
    case 'number': {
      const { integer, minimum, maximum, above, below, multipleOf } = input;
      const range = [
        integer ? 'whole number' : 'number',
        ...(minimum === undefined ? [] : [`from ${minimum}`]),
        ...(above === undefined ? [] : [`above ${above}`]),
        ...(maximum === undefined ? [] : [`to ${maximum}`]),
        ...(below === undefined ? [] : [`below ${below}`]),
      ].join(' ');
      return multipleOf === undefined ? range : `${range}, multiple of ${multipleOf}`;
    }
    case 'flag':
      return 'yes or no';
    case 'choice':
      return 'one of a list';
    case 'choices':
      return 'some of a list';
    case 'list':
      return input.item.kind === 'text' ? 'list of texts' : 'list of numbers';
    case 'group':
      return 'object';
    case 'json':
      return 'JSON';
  }
}
