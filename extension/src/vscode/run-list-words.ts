import type { RunFilter, RunGroup, RunSummary } from '../node/sqlite/index.ts';

export const GROUPINGS = ['day', 'agent', 'status', 'none'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What the view shows of the runs, and in which order. */
export interface ShownRuns {
  readonly grouping: Grouping;
  readonly filter: RunFilter;
}

/** A group of runs as the view shows it. */
export interface GroupWords {
  /** By which it is known again after a refresh. */
  readonly key: string;
  readonly label: string;
  readonly count: number;
  readonly filter: RunFilter;
}

export const GROUPING_WORDS: Readonly<Record<Grouping, string>> = {
  day: 'By Day',
  agent: 'By Agent',
  status: 'By State',
  none: 'One List',
};

export const STATUS_WORDS: Readonly<Record<RunSummary['status'], string>> = {
  running: 'Running',
  paused: 'Paused',
  interrupted: 'Interrupted',
  failed: 'Failed',
  stopped: 'Stopped',
  succeeded: 'Succeeded',
};

/** A day of the user's calendar as a group; `key` is the moment at which it begins. */
export function dayGroup({ key, count }: RunGroup<number>, filter: RunFilter, now: number): GroupWords {
  const until = new Date(key);
  until.setDate(until.getDate() + 1);
  return {
    ...{ key: String(key), label: dayLabel(key, now), count },
    filter: { ...filter, from: key, until: until.getTime() },
  };
}

export function agentGroup({ key, count }: RunGroup<string>, filter: RunFilter): GroupWords {
  return { key, label: key, count, filter: { ...filter, agent: key } };
}

export function statusGroup({ key, count }: RunGroup<RunSummary['status']>, filter: RunFilter): GroupWords {
  return { key, label: STATUS_WORDS[key], count, filter: { ...filter, status: [key] } };
}

/** What is left out by it, for the title of the view; undefined when nothing is. */
export function filterWords({ text, agent, status, model, user, errors }: RunFilter): string | undefined {
  const words = [
    ...(text === undefined ? [] : [`“${text}”`]),
    ...(agent === undefined ? [] : [agent]),
    ...(status ? [status.map((one) => STATUS_WORDS[one].toLowerCase()).join(' or ')] : []),
    ...(model === undefined ? [] : [model]),
    ...(user === undefined ? [] : [`of ${user}`]),
    ...(errors ? ['with errors'] : []),
  ];
  return words.length === 0 ? undefined : words.join(' · ');
}

function dayLabel(day: number, now: number): string {
  const date = new Date(day);
  const today = new Date(now);
  today.setHours(0, 0, 0, 0);
  const yesterday = new Date(today);
  yesterday.setDate(yesterday.getDate() - 1);
  if (day === today.getTime()) return 'Today';
  if (day === yesterday.getTime()) return 'Yesterday';
  const year = date.getFullYear() === today.getFullYear() ? {} : { year: 'numeric' as const };
  return date.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', ...year });
}
