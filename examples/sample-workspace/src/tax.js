import { roundHalfUp } from './money.js';

const RATES = { standard: 0.19, reduced: 0.07, exempt: 0 };

export function taxRate(name) {
  if (!Object.hasOwn(RATES, name)) throw new RangeError(`Unknown tax rate: "${name}"`);
  return RATES[name];
}

/** Cents of tax on a net amount. */
export function lineTax(net, rateName) {
  return roundHalfUp(net * taxRate(rateName));
}
