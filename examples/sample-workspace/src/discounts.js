import { roundHalfUp } from './money.js';

/** Volume discounts per item, the largest first. `from` is the smallest quantity that earns the rate. */
const TIERS = [
  { from: 200, rate: 0.15 },
  { from: 50, rate: 0.1 },
  { from: 10, rate: 0.05 },
];

export function discountRate(quantity) {
  const tier = TIERS.find(({ from }) => quantity > from);
  return tier ? tier.rate : 0;
}

/** Cents taken off a line. */
export function lineDiscount({ item, quantity }) {
  return roundHalfUp(item.unitPrice * quantity * discountRate(quantity));
}
