import type { GroupKey, MetricsChoice } from '../../../extension/src/protocol/metrics-panel.ts';
import type { Span, Subject } from '../../../extension/src/protocol/metrics.ts';

export const SUBJECT_WORDS: Readonly<Record<Subject, string>> = {
  ...{ agent: 'Agent', route: 'Task type', model: 'Model', tool: 'Tool', user: 'User' },
};

export const SPAN_WORDS: Readonly<Record<Span, string>> = { hour: 'Hour', day: 'Day', week: 'Week' };

/** Times that can be chosen, with the columns that suit them. An hour in a year is no picture. */
export const PERIODS: readonly {
  readonly days: number | undefined;
  readonly label: string;
  readonly spans: readonly [Span, ...Span[]];
}[] = [
  { days: 1, label: 'Last 24 hours', spans: ['hour'] },
  { days: 7, label: 'Last 7 days', spans: ['day', 'hour'] },
  { days: 30, label: 'Last 30 days', spans: ['day', 'hour', 'week'] },
  { days: 90, label: 'Last 90 days', spans: ['day', 'week'] },
  { days: 365, label: 'Last year', spans: ['week', 'day'] },
  { days: undefined, label: 'All time', spans: ['day', 'week'] },
];

export function periodOf({ days }: MetricsChoice): (typeof PERIODS)[number] | undefined {
  return PERIODS.find((period) => period.days === days);
}

export function nameOf({ key }: GroupKey): string {
  return key ?? '(not known)';
}

export function isSame(one: GroupKey | undefined, other: GroupKey | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && one.key === other.key);
}
