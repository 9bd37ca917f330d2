import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSchemaChecks, argumentMistakes } from '../../extension/src/node/mcp/validate.ts';
import type { JsonObject } from '../../extension/src/base/json.ts';

/** What is said of a value: nothing, its mistakes, or why the schema cannot be used. */
function check(schema: JsonObject, value: unknown, expected: RegExp | undefined): void {
  const result = openSchemaChecks().check(schema, value);
  const text =
    result.kind === 'fits'
      ? undefined
      : result.kind === 'mistakes'
        ? result.text
        : `unusable: ${result.reason}`;
  if (expected) assert.match(text ?? '', expected);
  else assert.equal(text, undefined);
}

const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  ...more,
});

test('arguments are checked, and each mistake is told once', () => {
  const schema = object(
    { path: { type: 'string', minLength: 1 } },
    { required: ['path'], additionalProperties: false },
  );
  check(schema, { path: 'a' }, undefined);
  check(schema, {}, /required property "path"/);
  check(schema, { path: 'a', x: 1 }, /^#: Property "x" does not match additional properties schema\.$/);
  assert.equal(argumentMistakes(schema, { path: 'a' }), undefined);
});

test('a pattern that backtracks without end does not hold the host, and its schema is not used again', () => {
  const checks = openSchemaChecks();
  const schema = object({ a: { type: 'string', pattern: '^(a+)+$' } });
  const evil = { a: `${'a'.repeat(60)}!` };
  assert.deepEqual(checks.check(schema, { a: 'aaa' }), { kind: 'fits' });
  for (let i = 0; i < 2; i += 1) {
    const result = checks.check(schema, evil);
    assert.match(result.kind === 'unusable' ? result.reason : result.kind, /took more than/);
  }
});

test('what cannot be checked here is left to the server', () => {
  const checks = openSchemaChecks();
  const schema = object({
    a: { $ref: 'https://example.com/a.json' },
    b: { type: 'string', pattern: '^[\\w\\-\\:]+$' },
  });
  assert.deepEqual(checks.check(schema, { a: 7, b: '!' }), { kind: 'fits' });
  assert.equal(checks.leftOut(schema).length, 2);
  check(
    object({ a: { type: 'string' } }, { $schema: 'http://json-schema.org/draft-04/schema#' }),
    { a: 1 },
    /Expected "string"/,
  );
  check(
    object({ a: { type: 'string' } }, { $schema: 'https://example.com/own-dialect' }),
    { a: 1 },
    /Expected "string"/,
  );
});

test('schemas that lead nowhere, or never end, are said to', () => {
  check(
    object({ a: { $ref: '#/$defs/b' } }),
    {},
    /^unusable: it refers to "#\/\$defs\/b", which is not there/,
  );
  check({ $ref: '#' }, {}, /^unusable/);
  let deep: JsonObject = { type: 'string' };
  for (let i = 0; i < 200; i += 1) deep = { type: 'array', items: deep };
  check(deep, [], /^unusable: it is nested/);
  check({ type: 7 }, {}, /./);
});

test('words of the schema language are names like any other among properties, and data is data', () => {
  const schema = object(
    { pattern: { type: 'string' }, $ref: { type: 'number' } },
    { default: { $ref: 'x', pattern: '(' } },
  );
  check(schema, { pattern: '(', $ref: 1 }, undefined);
  check(schema, { $ref: 'x' }, /Expected "number"/);
  check(
    object({ a: { $ref: '#/definitions/b~1c' } }, { definitions: { 'b/c': { type: 'null' } } }),
    { a: 1 },
    /Expected "null"/,
  );
});

test('a schema is not changed by being checked with', () => {
  const schema = object({ a: { $ref: '#/$defs/b' } }, { $defs: { b: { type: 'string' } } });
  const before = JSON.stringify(schema);
  check(schema, { a: 'x' }, undefined);
  assert.equal(JSON.stringify(schema), before);
});
