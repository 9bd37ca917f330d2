import type { Json, JsonObject } from '../../../base/json.ts';
import type { Choice, Count, Field, FieldInput, Form, NumberInput, TextInput } from './field.ts';

/** Objects inside of objects are asked for this deep; what lies deeper is written as JSON. */
const DEEPEST = 1;
/** A chain of references that is longer leads nowhere. */
const MOST_REFERENCES = 16;

/**
 * The form for a JSON Schema of an object, as tools and elicitations have them. What a schema says beyond that (conditions,
 * combinations) no prompt can ask for: such a value is written as JSON, and the schema itself is checked before the call.
 */
export function formOf(schema: JsonObject): Form {
  return objectForm(schema, schema, 0);
}

function objectForm(schema: JsonObject, root: JsonObject, depth: number): Form {
  const properties = objectIn(schema['properties']) ?? {};
  const required = new Set(listIn(schema['required']));
  const fields = Object.entries(properties).map(([name, given]) =>
    fieldOf(name, objectIn(given) ?? {}, required.has(name), root, depth),
  );
  return { fields: [...fields.filter(isRequired), ...fields.filter((field) => !isRequired(field))], schema };
}

function isRequired(field: Field): boolean {
  return field.required;
}

function fieldOf(name: string, given: JsonObject, required: boolean, root: JsonObject, depth: number): Field {
  const schema = simplest(given, root);
  const title = textIn(given['title']) ?? textIn(schema['title']);
  const description = textIn(given['description']) ?? textIn(schema['description']);
  const initial = given['default'] ?? schema['default'];
  return {
    name,
    title: title ?? name,
    ...(description === undefined ? {} : { description }),
    required,
    // `null` is how generated schemas say that an optional value is absent.
    ...(initial === undefined || initial === null ? {} : { initial }),
    input: inputOf(schema, root, depth),
  };
}

function inputOf(schema: JsonObject, root: JsonObject, depth: number): FieldInput {
  const choices = choicesOf(schema);
  if (choices) return { kind: 'choice', choices };
  switch (typeOf(schema)) {
    case 'string':
      return textInput(schema);
    case 'number':
      return numberInput(schema, 'fractions');
    case 'integer':
      return numberInput(schema, 'whole');
    case 'boolean':
      return { kind: 'flag' };
    case 'array':
      return listInput(schema, root);
    case 'object':
      return depth < DEEPEST && hasOnlyProperties(schema)
        ? { kind: 'group', form: objectForm(schema, root, depth + 1) }
        : { kind: 'json', schema: withDefinitions(schema, root) };
    default:
      return { kind: 'json', schema: withDefinitions(schema, root) };
  }
}

function textInput(schema: JsonObject): TextInput {
  const [pattern, format] = [textIn(schema['pattern']), textIn(schema['format'])];
  return {
    kind: 'text',
    ...numbers(schema, { minLength: 'minLength', maxLength: 'maxLength' }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(format === undefined ? {} : { format }),
  };
}

function numberInput(schema: JsonObject, values: 'whole' | 'fractions'): NumberInput {
  return {
    kind: 'number',
    integer: values === 'whole',
    ...numbers(schema, {
      minimum: 'minimum',
      maximum: 'maximum',
      above: 'exclusiveMinimum',
      below: 'exclusiveMaximum',
      multipleOf: 'multipleOf',
    }),
  };
}

function listInput(schema: JsonObject, root: JsonObject): FieldInput {
  const item = simplest(objectIn(schema['items']) ?? {}, root);
  const count: Count = numbers(schema, { minItems: 'minItems', maxItems: 'maxItems' });
  const choices = choicesOf(item);
  if (choices) return { kind: 'choices', choices, ...count };
  const type = typeOf(item);
  if (type === 'string') return { kind: 'list', item: textInput(item), ...count };
  if (type === 'number' || type === 'integer')
    return {
      kind: 'list',
      item: numberInput(item, type === 'integer' ? 'whole' : 'fractions'),
      ...count,
    };
  return { kind: 'json', schema: withDefinitions(schema, root) };
}

/** The values of an `enum`, of a `const`, or of alternatives that are a value with a title each. */
function choicesOf(schema: JsonObject): readonly Choice[] | undefined {
  if (schema['const'] !== undefined) return [{ value: schema['const'], label: labelOf(schema['const']) }];
  const values = arrayIn(schema['enum']);
  if (values && values.length > 0) {
    const names = arrayIn(schema['enumNames']) ?? [];
    return values.map((value, i) => ({ value, label: textIn(names[i]) ?? labelOf(value) }));
  }
  const alternatives = arrayIn(schema['oneOf']) ?? arrayIn(schema['anyOf']);
  const titled = alternatives?.flatMap((one) => {
    const value = objectIn(one)?.['const'];
    return value === undefined ? [] : [{ value, label: textIn(objectIn(one)?.['title']) ?? labelOf(value) }];
  });
  return titled && titled.length > 0 && titled.length === alternatives?.length ? titled : undefined;
}

function labelOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Follows references inside of the schema, and takes "a value or null" for the value. */
function simplest(given: JsonObject, root: JsonObject): JsonObject {
  let schema = given;
  for (let i = 0; i < MOST_REFERENCES; i += 1) {
    const reference = textIn(schema['$ref']);
    const target = reference === undefined ? onlyAlternative(schema) : resolve(reference, root);
    if (!target) return schema;
    schema = target;
  }
  return schema;
}

function onlyAlternative(schema: JsonObject): JsonObject | undefined {
  const alternatives = arrayIn(schema['anyOf']) ?? arrayIn(schema['oneOf']);
  const left = alternatives?.filter((one) => objectIn(one)?.['type'] !== 'null') ?? [];
  const [only] = left;
  return alternatives && left.length === 1 ? objectIn(only) : undefined;
}

function resolve(reference: string, root: JsonObject): JsonObject | undefined {
  if (!reference.startsWith('#')) return undefined;
  let found: Json | undefined = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    found = Object.hasOwn(objectIn(found) ?? {}, key) ? objectIn(found)?.[key] : undefined;
  }
  return objectIn(found);
}

function typeOf(schema: JsonObject): string | undefined {
  const types = listIn(schema['type']).filter((type) => type !== 'null');
  const [only] = types;
  if (types.length === 1) return only;
  return types.length === 0 && objectIn(schema['properties']) ? 'object' : undefined;
}

/** An object that may hold members of any name is no form. */
function hasOnlyProperties(schema: JsonObject): boolean {
  const more = schema['additionalProperties'];
  return (
    Object.keys(objectIn(schema['properties']) ?? {}).length > 0 &&
    (more === undefined || typeof more === 'boolean') &&
    !['oneOf', 'anyOf', 'allOf', 'if', 'patternProperties'].some((key) => schema[key] !== undefined)
  );
}

/** A part of a schema is checked by itself, and its references lead to the whole. */
function withDefinitions(schema: JsonObject, root: JsonObject): JsonObject {
  const named = ['$defs', 'definitions'].flatMap((key) =>
    root[key] === undefined || schema[key] !== undefined ? [] : [[key, root[key]] as const],
  );
  return { ...schema, ...Object.fromEntries(named) };
}

function numbers<Key extends string>(
  schema: JsonObject,
  keys: Readonly<Record<Key, string>>,
): Partial<Record<Key, number>> {
  const result: Partial<Record<Key, number>> = {};
  for (const key in keys) {
    const value = schema[keys[key]];
    if (typeof value === 'number') result[key] = value;
  }
  return result;
}

function objectIn(value: Json | undefined): JsonObject | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : undefined;
}

function arrayIn(value: Json | undefined): readonly Json[] | undefined {
  return Array.isArray(value) ? (value as readonly Json[]) : undefined;
}

/** The texts of a text or of a list of them. */
function listIn(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return (arrayIn(value) ?? []).filter((one) => typeof one === 'string');
}

function textIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
