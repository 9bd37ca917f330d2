import { canonicalJson } from '../../../base/json.ts';
import type { Json, JsonObject } from '../../../base/json.ts';
import type { Count, Field, FieldInput, Form, NumberInput, TextInput } from './field.ts';

/** Whether a text matches a pattern of a schema; undefined when that cannot be told, as for a pattern that takes for ever. */
export type Matches = (pattern: string, text: string) => boolean | undefined;

export interface FieldMistake {
  readonly field: Field;
  /** A sentence that begins with what the field is called. */
  readonly words: string;
}

/** The values of the form that stand in the way of a call, in its order. */
export function mistakesIn(form: Form, values: JsonObject, matches: Matches): readonly FieldMistake[] {
  return form.fields.flatMap((field) => {
    const mistake = mistakeOf(field, valueIn(values, field.name), matches);
    return mistake === undefined ? [] : [{ field, words: `${field.title} ${mistake}.` }];
  });
}

/** A member by its name, which may be one that every object has, such as `constructor`. */
export function valueIn(values: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** What is wrong with the value, to stand after its name; undefined for nothing. */
export function mistakeOf(field: Field, value: Json | undefined, matches: Matches): string | undefined {
  if (value === undefined) return field.required ? 'is required' : undefined;
  return mistakeFor(field.input, value, matches);
}

function mistakeFor(input: FieldInput, value: Json, matches: Matches): string | undefined {
  switch (input.kind) {
    case 'text':
      return typeof value === 'string' ? textMistake(input, value, matches) : 'must be a text';
    case 'number':
      return typeof value === 'number' ? numberMistake(input, value) : 'must be a number';
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'choice':
      return has(input.choices, value) ? undefined : 'must be one of the choices';
    case 'choices':
    case 'list': {
      if (!Array.isArray(value)) return 'must be a list';
      const items = value as readonly Json[];
      const wrong = countMistake(input, items.length);
      if (wrong !== undefined) return wrong;
      if (input.kind === 'choices')
        return items.every((item) => has(input.choices, item)) ? undefined : 'must be some of the choices';
      const first = items.map((item) => mistakeFor(input.item, item, matches)).find(Boolean);
      return first === undefined ? undefined : `has an entry that ${first}`;
    }
    case 'group': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object';
      const [first] = mistakesIn(input.form, value as JsonObject, matches);
      return first && `is not complete: ${first.words.replace(/\.$/, '')}`;
    }
    case 'json':
      // Its schema is checked as a whole, where the JSON was written.
      return undefined;
  }
}

function has(choices: readonly { readonly value: Json }[], value: Json): boolean {
  return choices.some((choice) => canonicalJson(choice.value) === canonicalJson(value));
}

function countMistake({ minItems = 0, maxItems = Infinity }: Count, count: number): string | undefined {
  if (count < minItems) return `must have at least ${entries(minItems)}`;
  return count > maxItems ? `may have at most ${entries(maxItems)}` : undefined;
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

function textMistake(input: TextInput, value: string, matches: Matches): string | undefined {
  // As JSON Schema counts: by code points.
  const length = [...value].length;
  const { minLength = 0, maxLength = Infinity, pattern, format } = input;
  if (length < minLength) return `must have at least ${characters(minLength)}`;
  if (length > maxLength) return `may have at most ${characters(maxLength)}, and has ${length}`;
  if (pattern !== undefined && matches(pattern, value) === false) return `must match ${pattern}`;
  const known = format === undefined ? undefined : FORMATS[format];
  return known && !known.fits(value) ? `must be ${known.words}` : undefined;
}

function characters(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`;
}

/** The formats that an elicitation may ask for. Others are for the server to check. */
const FORMATS: Readonly<
  Record<string, { readonly words: string; readonly fits: (text: string) => boolean } | undefined>
> = {
  email: { words: 'an e-mail address', fits: (text) => /^[^\s@]+@[^\s@]+$/.test(text) },
  uri: { words: 'an address such as https://example.com', fits: (text) => URL.canParse(text) },
  date: { words: 'a date such as 2026-01-31', fits: isDate },
  'date-time': {
    words: 'a date with a time such as 2026-01-31T12:00:00Z',
    fits: (text) =>
      /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) &&
      isDate(text.slice(0, 10)),
  },
};

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // The 31st of a shorter month is taken for a day of the next.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function numberMistake(input: NumberInput, value: number): string | undefined {
  const { integer, minimum = -Infinity, maximum = Infinity, above, below, multipleOf } = input;
  if (integer && !Number.isInteger(value)) return 'must be a whole number';
  if (value < minimum) return `must be at least ${minimum}`;
  if (value > maximum) return `may be at most ${maximum}`;
  if (above !== undefined && value <= above) return `must be above ${above}`;
  if (below !== undefined && value >= below) return `must be below ${below}`;
  return multipleOf !== undefined && !isMultiple(value, multipleOf)
    ? `must be a multiple of ${multipleOf}`
    : undefined;
}

/** 0.3 is no exact multiple of 0.1 in binary, and is one for people. */
function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}
