import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCents, parseCents, roundHalfUp } from '../src/money.js';

test('half a cent rounds away from zero', () => {
  assert.equal(roundHalfUp(2.5), 3);
  assert.equal(roundHalfUp(-2.5), -3);
  assert.equal(roundHalfUp(1.005 * 100), 101);
});

test('amounts are written with two digits after the point', () => {
  assert.equal(formatCents(1234), '12.34');
  assert.equal(formatCents(5), '0.05');
  assert.equal(formatCents(-99), '-0.99');
});

test('amounts are read as they are written', () => {
  for (const cents of [0, 5, 99, 100, 1234, -250]) assert.equal(parseCents(formatCents(cents)), cents);
});

test('anything else is no amount', () => {
  for (const text of ['', '12,34', '1.2', 'ten']) assert.throws(() => parseCents(text), RangeError);
});
