import type { CompareLine, CompareStep } from '../../../extension/src/protocol/compare-panel.ts';
import { formatCost, formatDuration, formatTokens } from '../../../extension/src/protocol/format.ts';
import type { Cost, Usage } from '../../../extension/src/protocol/message.ts';

/** How much more B took than A: `+1.2 s`, `−340`, `=`; `–` where that is not known, and nothing where there is nothing to say. */
export interface Deltas {
  readonly time: string;
  readonly tokens: string;
  readonly cost: string;
}

/** A step that the other run does not have counts as nothing there. */
export function deltasOf({ a, b }: CompareLine): Deltas {
  return {
    time: delta(
      sideOf(a, ({ durationMs }) => durationMs),
      sideOf(b, ({ durationMs }) => durationMs),
      formatDuration,
    ),
    tokens: delta(
      sideOf(a, ({ usage }) => usage && tokensOf(usage)),
      sideOf(b, ({ usage }) => usage && tokensOf(usage)),
      formatTokens,
    ),
    cost: delta(
      sideOf(a, ({ cost }) => cost && usdOf(cost)),
      sideOf(b, ({ cost }) => cost && usdOf(cost)),
      dollars,
    ),
  };
}

/** `none`: there is no such number; `unknown`: there is one that nobody knows. */
type Amount = number | 'none' | 'unknown';

export function delta(a: Amount, b: Amount, text: (value: number) => string): string {
  if (a === 'none' && b === 'none') return '';
  if (a === 'unknown' || b === 'unknown') return '–';
  const more = (b === 'none' ? 0 : b) - (a === 'none' ? 0 : a);
  if (more === 0) return '=';
  const shown = text(Math.abs(more));
  return `${more > 0 ? '+' : '−'}${shown}`;
}

export function tokensOf({ input, output }: Usage): number {
  return input + output;
}

export function usdOf(cost: Cost): Amount {
  if (cost.kind === 'unknown') return 'unknown';
  return cost.kind === 'free' ? 0 : cost.usd;
}

export function dollars(usd: number): string {
  return formatCost({ kind: 'priced', usd });
}

function sideOf(step: CompareStep | undefined, of: (step: CompareStep) => Amount | undefined): Amount {
  return (step && of(step)) ?? 'none';
}
