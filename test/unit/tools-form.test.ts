import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../extension/src/base/json.ts';
import {
  formOf,
  hintFor,
  initialValues,
  mistakesIn,
  readTyped,
  showValue,
  withValue,
} from '../../extension/src/core/tools/form/index.ts';
import { matchPattern } from '../../extension/src/node/match-pattern.ts';

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

/** The form in one line per field: name, `*` where required, kind, hint. */
function fields(schema: JsonObject): string[] {
  return formOf(schema).fields.map(
    ({ name, required, input }) => `${name}${required ? '*' : ''} ${input.kind}: ${hintFor(input)}`,
  );
}

function kind(schema: JsonObject, root: JsonObject = {}): string {
  return formOf(object({ value: schema }, root)).fields[0]?.input.kind ?? 'none';
}

function mistakes(schema: JsonObject, values: JsonObject): string[] {
  return mistakesIn(formOf(schema), values, matchPattern).map(({ words }) => words);
}

/** What is wrong with a value for a schema; empty for nothing. */
function wrong(schema: JsonObject, value: Json): string {
  return mistakes(object({ it: schema }), { it: value }).join(' ');
}

test('a form asks for each property, required ones first', () => {
  const schema = object(
    {
      limit: { type: 'integer', minimum: 1, maximum: 50 },
      path: { type: 'string' },
      hidden: { type: 'boolean' },
      ratio: { type: 'number', exclusiveMinimum: 0, multipleOf: 0.5 },
      mode: { enum: ['fast', 'whole'] },
      tags: { type: 'array', items: { type: 'string' } },
      sizes: { type: 'array', items: { type: 'integer' } },
      parts: { type: 'array', items: { enum: ['a', 'b'] } },
    },
    { required: ['path'] },
  );
  assert.deepEqual(fields(schema), [
    'path* text: ',
    'limit number: whole number from 1 to 50',
    'hidden flag: yes or no',
    'ratio number: number above 0, multiple of 0.5',
    'mode choice: one of a list',
    'tags list: list of texts',
    'sizes list: list of numbers',
    'parts choices: some of a list',
  ]);
  assert.deepEqual(fields({}), [], 'a tool without arguments');
});

test('values are asked for by what their schema comes to', () => {
  assert.equal(kind({ anyOf: [{ type: 'string' }, { type: 'null' }], default: null }), 'text', 'optional');
  assert.equal(kind({ type: ['integer', 'null'] }), 'number');
  assert.equal(kind({ const: 'only' }), 'choice');
  assert.equal(kind({ $ref: '#/$defs/Size' }, { $defs: { Size: { type: 'integer' } } }), 'number');
  assert.equal(kind({ $ref: '#/$defs/A' }, { $defs: { A: { $ref: '#/$defs/A' } } }), 'json', 'for ever');
  assert.equal(kind({ $ref: 'https://example.com/schema' }), 'json', 'elsewhere');
  assert.equal(kind({ type: 'object' }), 'json', 'members of any name');
  assert.equal(kind(object({ a: {} })), 'group');
  assert.equal(kind(object({ a: {} }, { additionalProperties: { type: 'string' } })), 'json');
  assert.equal(kind({ type: 'array', items: object({ a: {} }) }), 'json');
  assert.equal(kind({ anyOf: [{ type: 'string' }, { type: 'number' }] }), 'json');
  assert.equal(kind({}), 'json', 'anything');
});

test('an object inside is a form of its own, and one inside of that is JSON', () => {
  const inner = object({ x: object({ y: { type: 'string' } }) });
  const [field] = formOf(object({ inner })).fields;
  assert.equal(field?.input.kind, 'group');
  assert.equal(field.input.form.fields[0]?.input.kind, 'json');
});

test('choices have the titles that their schema gives them', () => {
  const labels = (schema: JsonObject): string[] => {
    const [field] = formOf(object({ it: schema })).fields;
    return field?.input.kind === 'choice' ? field.input.choices.map(({ label }) => label) : [];
  };
  assert.deepEqual(labels({ enum: ['a', 1, null] }), ['a', '1', 'null']);
  assert.deepEqual(labels({ type: 'string', enum: ['a', 'b'], enumNames: ['First', 'Second'] }), [
    'First',
    'Second',
  ]);
  assert.deepEqual(labels({ oneOf: [{ const: 'a', title: 'First' }, { const: 'b' }] }), ['First', 'b']);
});

test('a text is checked for its length, its pattern and its format', () => {
  assert.equal(wrong({ type: 'string', minLength: 2 }, 'a'), 'it must have at least 2 characters.');
  assert.equal(
    wrong({ type: 'string', maxLength: 2 }, 'abc'),
    'it may have at most 2 characters, and has 3.',
  );
  assert.equal(wrong({ type: 'string', maxLength: 2 }, '😀😀'), '', 'as people count');
  assert.equal(wrong({ type: 'string', pattern: '^a+$' }, 'b'), 'it must match ^a+$.');
  assert.equal(wrong({ type: 'string', pattern: '(' }, 'b'), '', 'a pattern that is none');
  assert.equal(wrong({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}b`), '', 'one without an end');
  assert.match(wrong({ type: 'string', format: 'email' }, 'me'), /e-mail address/);
  assert.equal(wrong({ type: 'string', format: 'email' }, 'me@example.com'), '');
  assert.match(wrong({ type: 'string', format: 'uri' }, 'example'), /address such as/);
  assert.match(wrong({ type: 'string', format: 'date' }, '2026-02-30'), /a date such as/);
  assert.equal(wrong({ type: 'string', format: 'date-time' }, '2026-02-28T12:00:00Z'), '');
  assert.equal(wrong({ type: 'string', format: 'hostname' }, '!'), '', 'for the server to check');
});

test('a number is checked for its range', () => {
  assert.equal(wrong({ type: 'integer' }, 1.5), 'it must be a whole number.');
  assert.equal(wrong({ type: 'integer', minimum: 1 }, 0), 'it must be at least 1.');
  assert.equal(wrong({ type: 'number', maximum: 1 }, 2), 'it may be at most 1.');
  assert.equal(wrong({ type: 'number', exclusiveMinimum: 1 }, 1), 'it must be above 1.');
  assert.equal(wrong({ type: 'number', exclusiveMaximum: 1 }, 1), 'it must be below 1.');
  assert.equal(wrong({ type: 'number', multipleOf: 0.1 }, 0.3), '');
  assert.equal(wrong({ type: 'number', multipleOf: 0.1 }, 0.35), 'it must be a multiple of 0.1.');
});

test('lists and objects are checked with what is in them', () => {
  const list = { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1, maxItems: 2 };
  assert.equal(wrong(list, []), 'it must have at least 1 entry.');
  assert.equal(wrong(list, ['a', 'b', 'c']), 'it may have at most 2 entries.');
  assert.equal(wrong(list, ['a', '']), 'it has an entry that must have at least 1 character.');
  const group = object({ name: { type: 'string', title: 'Name' } }, { required: ['name'] });
  assert.equal(wrong(group, {}), 'it is not complete: Name is required.');
  assert.equal(
    wrong({ type: 'array', items: { enum: ['a', 'b'] } }, ['c']),
    'it must be some of the choices.',
  );
  assert.equal(wrong({ enum: ['a'] }, 'b'), 'it must be one of the choices.');
  assert.equal(wrong({ type: 'boolean' }, 'yes'), 'it must be true or false.');
});

test('a required value that is missing stands in the way, an optional one does not', () => {
  const schema = object({ a: { type: 'string', title: 'First' }, b: {} }, { required: ['a'] });
  assert.deepEqual(mistakes(schema, {}), ['First is required.']);
  assert.deepEqual(mistakes(schema, { a: '' }), []);
});

test('a form begins with defaults, and keeps what it was given', () => {
  const schema = object(
    {
      a: { type: 'integer', default: 3 },
      b: { const: 'only' },
      c: { const: 'other' },
      d: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
      e: object({ f: { type: 'boolean', default: true } }),
    },
    { required: ['b', 'e'] },
  );
  assert.deepEqual(initialValues(formOf(schema)), { b: 'only', e: { f: true }, a: 3 });
  assert.deepEqual(initialValues(formOf(schema), { a: 4, z: 1 }), { a: 4, z: 1, b: 'only', e: { f: true } });
});

test('what a person types becomes a value, or says what is wrong with it', () => {
  const number = { kind: 'number', integer: true } as const;
  const read = (text: string) => readTyped(number, text, matchPattern);
  assert.deepEqual(read(' 12 '), { value: 12 });
  assert.deepEqual(read('+1e3'), { value: 1000 });
  assert.deepEqual(read('.5'), { mistake: 'It must be a whole number.' });
  for (const text of ['', 'x', '0x10', '1,5', 'Infinity', '1e999'])
    assert.deepEqual(read(text), { mistake: 'It must be a number.' }, text);
  assert.deepEqual(readTyped({ kind: 'text' }, ' a ', matchPattern), { value: ' a ' });
});

test('values are shown in one short line', () => {
  const text = { kind: 'text' } as const;
  assert.equal(showValue(text, 'a\n  b'), 'a b');
  assert.equal(showValue(text, ''), 'empty text');
  assert.equal(showValue(text, 'x'.repeat(200)).length, 80);
  assert.equal(showValue({ kind: 'list', item: text }, ['a', 'b']), 'a, b');
  assert.equal(showValue({ kind: 'list', item: text }, []), 'empty list');
  assert.equal(showValue({ kind: 'json', schema: {} }, { a: 1 }), '{"a":1}');
  const choices = [{ value: 1, label: 'One' }];
  assert.equal(showValue({ kind: 'choice', choices }, 1), 'One');
});

test('a value is set and taken out', () => {
  assert.deepEqual(withValue({ a: 1, b: 2 }, 'a', undefined), { b: 2 });
  assert.deepEqual(withValue({ a: 1 }, 'b', 2), { a: 1, b: 2 });
});

test('names that every object has are names like others', () => {
  const schema = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"$ref":"#/constructor"}}}',
  ) as JsonObject;
  assert.deepEqual(fields(schema), ['__proto__ text: ', 'constructor json: JSON']);
  assert.deepEqual(initialValues(formOf(schema)), {});
  assert.deepEqual(mistakes({ ...schema, required: ['constructor'] }, {}), ['constructor is required.']);
});
