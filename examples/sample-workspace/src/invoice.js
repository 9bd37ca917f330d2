import { lineDiscount } from './discounts.js';
import { formatCents } from './money.js';
import { lineTax } from './tax.js';

/** An invoice is plain data: it stays as it was when prices or rates change later. */
export function createInvoice(cart, { number, date }) {
  if (cart.isEmpty) throw new RangeError('An invoice needs at least one line');
  const lines = cart.lines.map(invoiceLine);
  const net = sum(lines, 'net');
  const tax = sum(lines, 'tax');
  return { number, date, lines, net, tax, total: net + tax };
}

function invoiceLine(line) {
  const { item, quantity } = line;
  const gross = item.unitPrice * quantity;
  const discount = lineDiscount(line);
  const net = gross - discount;
  return { sku: item.sku, name: item.name, quantity, gross, discount, net, tax: lineTax(net, item.taxRate) };
}

function sum(lines, field) {
  return lines.reduce((total, line) => total + line[field], 0);
}

export function renderInvoice(invoice) {
  const rows = invoice.lines.map(
    ({ name, quantity, net }) =>
      `${String(quantity).padStart(5)} x ${name.padEnd(24)} ${formatCents(net).padStart(10)}`,
  );
  const totals = [
    ['Net', invoice.net],
    ['Tax', invoice.tax],
    ['Total', invoice.total],
  ].map(([label, cents]) => `${label.padStart(32)} ${formatCents(cents).padStart(10)}`);
  return [`Invoice ${invoice.number}, ${invoice.date}`, '', ...rows, '', ...totals].join('\n');
}
