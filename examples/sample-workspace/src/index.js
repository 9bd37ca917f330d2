export { Cart } from './cart.js';
export { discountRate, lineDiscount } from './discounts.js';
export { createInvoice, renderInvoice } from './invoice.js';
export { formatCents, parseCents, roundHalfUp } from './money.js';
export { lineTax, taxRate } from './tax.js';
