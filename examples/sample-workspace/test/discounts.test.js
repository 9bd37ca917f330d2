import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discountRate, lineDiscount } from '../src/discounts.js';

test('few pieces earn no discount', () => {
  for (const quantity of [1, 5, 9]) assert.equal(discountRate(quantity), 0);
});

test('more pieces earn a higher rate', () => {
  assert.equal(discountRate(20), 0.05);
  assert.equal(discountRate(75), 0.1);
  assert.equal(discountRate(1000), 0.15);
});

test('a rate begins with the first quantity of its tier', () => {
  assert.equal(discountRate(10), 0.05);
  assert.equal(discountRate(50), 0.1);
  assert.equal(discountRate(200), 0.15);
});

test('the discount of a line is rounded to whole cents', () => {
  assert.equal(lineDiscount({ item: { unitPrice: 333 }, quantity: 11 }), 183);
});
