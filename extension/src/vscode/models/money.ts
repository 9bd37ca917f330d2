import { shareOf } from '../../core/models/index.ts';
import type { Limit, Spent } from '../../core/models/index.ts';
import { formatTokens } from '../../protocol/format.ts';

/** `$0.42`, with more digits below a cent: `$0.0042`. */
export function money(usd: number): string {
  if (usd > 0 && usd < 0.00005) return '<$0.0001';
  return `$${usd.toFixed(usd > 0 && usd < 0.00995 ? 4 : 2)}`;
}

/** `$0.42`, `≥ $0.42` when some calls have no known price, `not priced` when none has one, `free` for local models. */
export function costOf({ calls, usd, unpriced }: Spent): string {
  if (calls === 0) return 'nothing';
  if (usd === 0) return unpriced > 0 ? 'not priced' : 'free';
  return unpriced > 0 ? `≥ ${money(usd)}` : money(usd);
}

/** `$0.42 · 12 calls · 34k tokens`. */
export function spentWords(spent: Spent): string {
  if (spent.calls === 0) return 'nothing yet';
  const calls = spent.calls === 1 ? '1 call' : `${spent.calls} calls`;
  return `${costOf(spent)} · ${calls} · ${formatTokens(spent.tokens)} tokens`;
}

/** `$4.02 of $5.00`, in what is nearer to its end: dollars or tokens. */
export function spentOfLimit(limit: Limit, spent: Spent): string {
  const { usd, tokens } = limit;
  const usdShare = usd === undefined ? -1 : shareOf({ usd }, spent);
  const tokenShare = tokens === undefined ? -1 : shareOf({ tokens }, spent);
  if (usd !== undefined && usdShare >= tokenShare) {
    const atLeast = spent.unpriced > 0 ? '≥ ' : '';
    return `${atLeast}${money(spent.usd)} of ${money(usd)}`;
  }
  return `${formatTokens(spent.tokens)} of ${formatTokens(tokens ?? 0)} tokens`;
}

/** `$5.00`, `50k tokens`, `$5.00 or 50k tokens`. */
export function limitWords({ usd, tokens }: Limit): string {
  return [
    ...(usd === undefined ? [] : [money(usd)]),
    ...(tokens === undefined ? [] : [`${formatTokens(tokens)} tokens`]),
  ].join(' or ');
}
