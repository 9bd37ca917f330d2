import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cart, createInvoice, renderInvoice } from '../src/index.js';

function invoice() {
  const cart = new Cart();
  cart.add({ sku: 'MUG-01', name: 'Mug', unitPrice: 850, taxRate: 'standard' }, 12);
  cart.add({ sku: 'TEA-07', name: 'Green tea', unitPrice: 495, taxRate: 'reduced' }, 2);
  return createInvoice(cart, { number: '2031', date: '2026-03-02' });
}

test('discount comes off before tax', () => {
  const [mugs, teas] = invoice().lines;
  assert.deepEqual([mugs.gross, mugs.discount, mugs.net, mugs.tax], [10_200, 510, 9_690, 1_841]);
  assert.deepEqual([teas.gross, teas.discount, teas.net, teas.tax], [990, 0, 990, 69]);
});

test('the total is net and tax of all lines', () => {
  const { net, tax, total } = invoice();
  assert.deepEqual([net, tax, total], [10_680, 1_910, 12_590]);
});

test('an empty cart has no invoice', () => {
  assert.throws(() => createInvoice(new Cart(), { number: '1', date: '2026-01-01' }), RangeError);
});

test('an invoice is printed line by line', () => {
  assert.match(renderInvoice(invoice()), /12 x Mug +96\.90\n/);
  assert.match(renderInvoice(invoice()), /Total +125\.90$/);
});
