import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cart } from '../src/cart.js';

const mug = { sku: 'MUG-01', name: 'Mug', unitPrice: 850, taxRate: 'standard' };
const tea = { sku: 'TEA-07', name: 'Green tea', unitPrice: 495, taxRate: 'reduced' };

test('an item that is added again raises its quantity', () => {
  const cart = new Cart();
  cart.add(mug, 2);
  cart.add(tea);
  cart.add(mug);
  assert.deepEqual(
    cart.lines.map(({ item, quantity }) => [item.sku, quantity]),
    [
      ['MUG-01', 3],
      ['TEA-07', 1],
    ],
  );
});

test('the subtotal is price times quantity over all lines', () => {
  const cart = new Cart();
  cart.add(mug, 2);
  cart.add(tea, 3);
  assert.equal(cart.subtotal(), 2 * 850 + 3 * 495);
});

test('removing the last piece removes the line', () => {
  const cart = new Cart();
  cart.add(mug, 2);
  cart.remove('MUG-01', 1);
  assert.equal(cart.quantityOf('MUG-01'), 1);
  cart.remove('MUG-01', 1);
  assert.ok(cart.isEmpty);
});

test('quantities are whole numbers from 1 to 10,000', () => {
  const cart = new Cart();
  for (const quantity of [0, -1, 1.5, Number.NaN, 10_001])
    assert.throws(() => cart.add(mug, quantity), RangeError);
  cart.add(mug, 10_000);
  assert.equal(cart.quantityOf('MUG-01'), 10_000);
});
