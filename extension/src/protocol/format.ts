import type { Cost } from './message.ts';
import type { RunView } from './run-view.ts';
import type { Totals } from './totals.ts';

/** What the panel, the tree and the terminal say of costs, times and tokens, so that they say the same. */

/** A call's cost: `$0.0123`, `~$0.0123` when estimated, `not priced`, `free`, `free (demo)`. */
export function formatCost(cost: Cost, provider?: string): string {
  switch (cost.kind) {
    case 'priced':
      return dollars(cost.usd);
    case 'estimated':
      return `~${dollars(cost.usd)}`;
    case 'unknown':
      return 'not priced';
    case 'free':
      return provider === 'demo' ? 'free (demo)' : 'free';
  }
}

/** A run's cost. `≥` says that some calls have no known price; a dash, that there was no model call. */
export function formatRunCost(
  totals: Pick<Totals, 'calls' | 'priced' | 'unpriced' | 'usd' | 'estimated'>,
  provider?: string,
): string {
  if (totals.calls === 0) return '–';
  if (totals.priced === 0) return formatCost({ kind: totals.unpriced > 0 ? 'unknown' : 'free' }, provider);
  const sum = formatCost({ kind: totals.estimated ? 'estimated' : 'priced', usd: totals.usd });
  return totals.unpriced > 0 ? `≥ ${sum}` : sum;
}

/** `340 ms`, `2.4 s`, `3 min 5 s`, `2 h 4 min`, `3 d 2 h`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return '–';
  if (ms < 999.5) return `${String(Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return two(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return two(minutes, 60, 'h', 'min');
  return two(Math.round(minutes / 60), 24, 'd', 'h');
}

/** `950`, `1.2k`, `34k`, `1.2M`. */
export function formatTokens(count: number): string {
  if (count < 1000) return String(Math.round(count));
  if (count < 9950) return `${(count / 1000).toFixed(1)}k`;
  if (count < 999_500) return `${String(Math.round(count / 1000))}k`;
  return `${(count / 1e6).toFixed(1)}M`;
}

/** `512 B`, `1.2 KB`, `34 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${String(bytes)} B`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : String(Math.round(value))} ${units[unit] ?? ''}`;
}

/** The model that a run used last, with a mark where it is the built-in demo; undefined before the first answer. */
export function modelOf(run: RunView): { readonly name: string; readonly provider: string } | undefined {
  for (let index = run.steps.length - 1; index >= 0; index--) {
    const use = run.steps[index]?.model;
    if (use) return { name: formatModel(use), provider: use.provider };
  }
  return undefined;
}

/** A demo model is named as one wherever its name shows. */
export function formatModel(use: { readonly provider: string; readonly model: string }): string {
  if (use.provider !== 'demo' || /\bdemo\b/i.test(use.model)) return use.model;
  return `${use.model} (demo)`;
}

/** `openai/gpt-5` of `openai/gpt-5 at https://models.example.com/v1 (key work)`; the name of a task type as it is. */
export function formatRoute(route: string): string {
  return route.replace(/(?: at https?:\/\/\S+)?(?: \(key [\w-]+\))?$/, '');
}

function dollars(usd: number): string {
  if (usd > 0 && usd < 0.00005) return '<$0.0001';
  return `$${usd.toFixed(usd < 0.99995 ? 4 : 2)}`;
}

function two(value: number, base: number, big: string, small: string): string {
  const rest = value % base;
  return `${String(Math.floor(value / base))} ${big}${rest === 0 ? '' : ` ${String(rest)} ${small}`}`;
}
