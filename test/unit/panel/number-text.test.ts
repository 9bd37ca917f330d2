import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readNumbers, writeNumbers } from '../../../extension/src/protocol/number-text.ts';

const written = (...values: readonly number[]): string => {
  const numbers = writeNumbers();
  for (const value of values) numbers.add(value);
  return numbers.text();
};

const check = (name: string, ...values: readonly number[]): void => {
  test(`numbers are read as they were written: ${name}`, () => {
    const { next } = readNumbers(written(...values));
    assert.deepEqual(
      values.map(() => next()),
      values,
    );
  });
};

check('of one character and at its limit', 0, 1, 31, 32, 33);
check('of more', 1023, 1024, 32_767, 32_768, 2 ** 31, 2 ** 32 + 7);
check('as large as whole ones can be', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1);
check('larger', 2 ** 53, 1e21, Number.MAX_VALUE, Infinity);
check('below none', -1, -86_400_000, -0.5);
check('with fractions', 0.1, 0.0113, 1.5e-7, 12.25, Number.MIN_VALUE);
check('one kind after the other', 5, -5, 0.5, 5000, 0, -0.25, 31);
check('every one up to the third character', ...Array.from({ length: 40_000 }, (_, value) => value));

test('text stands between numbers', () => {
  const numbers = writeNumbers();
  numbers.add(7);
  numbers.addText('12.3.4');
  numbers.add(900);
  numbers.addText('');
  numbers.add(0.25);
  const read = readNumbers(numbers.text());
  assert.deepEqual(
    [read.next(), read.text(6), read.next(), read.text(0), read.next()],
    [7, '12.3.4', 900, '', 0.25],
  );
});

test('nothing is changed when it is made JSON, however often', () => {
  const text = written(...Array.from({ length: 70_000 }, (_, value) => value), -3, 0.125);
  assert.equal(JSON.stringify(text), `"${text}"`);
});

test('small numbers take one character, and those below 1024 two', () => {
  assert.deepEqual(
    [31, 32, 1023, 1024].map((value) => written(value).length),
    [1, 2, 2, 3],
  );
});
