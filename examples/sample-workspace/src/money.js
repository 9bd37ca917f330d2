/** Rounds to whole cents; half a cent goes away from zero. */
export function roundHalfUp(cents) {
  // The small nudge keeps products such as 1.005 * 100, which binary fractions put just below the half, on the right side.
  return Math.sign(cents) * Math.round(Math.abs(cents) + 1e-9);
}

/** `1234` → `"12.34"` */
export function formatCents(cents) {
  const sign = cents < 0 ? '-' : '';
  const absolute = Math.abs(cents);
  const fraction = String(absolute % 100).padStart(2, '0');
  return `${sign}${Math.floor(absolute / 100)}.${fraction}`;
}

/** `"12.34"` → `1234` */
export function parseCents(text) {
  const match = /^(-?)(\d+)(?:\.(\d{2}))?$/.exec(text.trim());
  if (!match) throw new RangeError(`Not an amount: "${text}"`);
  const [, sign, whole, fraction = '00'] = match;
  const cents = Number(whole) * 100 + Number(fraction);
  return sign === '-' ? -cents : cents;
}
