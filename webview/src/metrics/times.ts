import type { Span } from '../../../extension/src/protocol/metrics.ts';

const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };

/** What a column is called where there is little room. */
export function shortTime(over: Span, start: number): string {
  const options: Intl.DateTimeFormatOptions =
    over === 'hour' ? { ...day, hour: '2-digit', minute: '2-digit' } : day;
  return new Date(start).toLocaleString(undefined, options);
}

export function longTime(over: Span, start: number): string {
  const date = new Date(start);
  const dated: Intl.DateTimeFormatOptions = { ...day, weekday: 'short', year: 'numeric' };
  if (over === 'hour')
    return date.toLocaleString(undefined, { ...dated, hour: '2-digit', minute: '2-digit' });
  const text = date.toLocaleDateString(undefined, dated);
  return over === 'week' ? `Week from ${text}` : text;
}
