import * as z from 'zod';

/** What a rule looks at, with the unit of its thresholds. */
export const MEASURES = {
  'error-rate': 'share of runs, model calls or tool calls that failed in the window, 0 to 1',
  latency: 'seconds that 95 % of the model calls in the window took at most',
  'run-cost': 'dollars that one run has cost with its sub-runs',
  'day-cost': 'dollars that all runs have cost today',
  'run-time': 'minutes of work of a run that is still going on',
  loop: 'times that a run made the same call among its last 20 calls',
  'tool-failures': 'calls of one tool that failed in a row in the window',
  budget: 'share of a budget that is spent, 0 to 1',
  containers: 'containers that nothing uses any more',
} as const;
export type Measure = keyof typeof MEASURES;

export const ACTIONS = ['notify', 'webhook', 'pause', 'stop'] as const;
export type Action = (typeof ACTIONS)[number];
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

export interface AlertRule {
  readonly measure: Measure;
  /** Of `error-rate`: whose failures. */
  readonly of: 'runs' | 'models' | 'tools';
  readonly only: {
    readonly agent?: string;
    readonly route?: string;
    readonly model?: string;
    readonly tool?: string;
    /** Who started the run. */
    readonly user?: string;
  };
  readonly windowMs: number;
  /** From this value on; absent for none. */
  readonly warn?: number;
  readonly alert?: number;
  /** With fewer runs or calls in the window there is no data. */
  readonly least: number;
  /** What no data means: nothing, that all is as it was, or a warning. */
  readonly noData: 'ok' | 'keep' | 'warn';
  readonly quiet: readonly QuietTime[];
  /** So long it must have been well below a threshold before it may fire again. */
  readonly rearmMs: number;
  /** What is done about an alert; about a warning, a person is told at most. */
  readonly do: readonly Action[];
}

/** Times in which nobody is told. From one time of the day to another, over midnight where the second is the smaller one. */
export interface QuietTime {
  /** Minutes of the day. */
  readonly from: number;
  readonly to: number;
  /** On which the time begins, 0 for Sunday; absent for all. */
  readonly days?: readonly number[];
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = 'must be a time such as "90s", "15m", "1h" or "7d"';
const LONGEST_MS = 31 * 86_400_000;

const duration = z
  .string(DURATION)
  .regex(/^[1-9]\d{0,5}[smhd]$/, DURATION)
  .transform((text) => Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0))
  .refine((ms) => ms <= LONGEST_MS, 'must be 31 days at most');
const CLOCK = 'must be a time of the day such as "22:00"';
const clock = z
  .string(CLOCK)
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, CLOCK)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));
const quiet = z.strictObject(
  {
    from: clock.default(0),
    to: clock.default(0),
    days: z
      .array(z.enum(DAYS, `must be one of ${DAYS.join(', ')}`))
      .transform((days) => days.map((day) => DAYS.indexOf(day)))
      .exactOptional(),
  },
  'must be an object such as { "from": "22:00", "to": "07:00", "days": ["sat", "sun"] }',
);
const amount = z.number('must be a number').nonnegative('must not be negative');
const name = z.string('must be a text').min(1, 'must not be empty');

export const alertRuleSchema = z
  .strictObject(
    {
      measure: z.enum(keysOf(MEASURES), `must be one of ${keysOf(MEASURES).join(', ')}`),
      of: z.enum(['runs', 'models', 'tools'], 'must be "runs", "models" or "tools"').default('runs'),
      only: z
        .strictObject(
          {
            agent: name.exactOptional(),
            route: name.exactOptional(),
            model: name.exactOptional(),
            tool: name.exactOptional(),
            user: name.exactOptional(),
          },
          'must be an object such as { "agent": "coder" }',
        )
        .default({}),
      window: duration.default(UNITS['h'] ?? 0),
      warn: amount.exactOptional(),
      alert: amount.exactOptional(),
      least: z.int('must be a whole number').min(1, 'must be 1 or more').default(1),
      noData: z.enum(['ok', 'keep', 'warn'], 'must be "ok", "keep" or "warn"').default('ok'),
      quiet: z.array(quiet, 'must be a list of quiet times').default([]),
      rearm: duration.default(15 * 60_000),
      do: z
        .array(z.enum(ACTIONS, `must be one of ${ACTIONS.join(', ')}`), 'must be a list')
        .default(['notify']),
    },
    'must be an object such as { "measure": "day-cost", "warn": 5, "alert": 10 }, or false for none',
  )
  .refine(({ warn, alert }) => warn !== undefined || alert !== undefined, 'must have "warn", "alert" or both')
  .refine(
    ({ warn, alert }) => warn === undefined || alert === undefined || warn <= alert,
    'must have an "alert" that is no smaller than its "warn"',
  )
  .transform(({ window, rearm, ...rest }): AlertRule => ({ ...rest, windowMs: window, rearmMs: rearm }));

export const RULE_KEYS = [
  ...['measure', 'of', 'only', 'window', 'warn', 'alert', 'least', 'noData', 'quiet', 'rearm', 'do'],
];

function keysOf<T extends string>(from: Readonly<Record<T, unknown>>): [T, ...T[]] {
  // A record that is written down here has a key, and no others.
  return Object.keys(from) as [T, ...T[]];
}
