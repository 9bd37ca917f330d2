import { CONTEXT_SECTIONS } from './context-report.ts';
import { RUN_EVENT_VERSION, STEP_KINDS } from './run-event.ts';
import type { RunEvent } from './run-event.ts';

/**
 * Whether a value that `JSON.parse` made is an event of today's version, of the kinds that nearly all of a log are, with every part as
 * `runEventSchema` wants it and no part more. It accepts nothing that the schema refuses, and what it does not accept the schema
 * decides: that takes about ten times as long, which counts where a run of 100,000 steps is opened.
 */
export function isKnownEvent(raw: unknown): raw is RunEvent {
  if (!isFields(raw)) return false;
  const { type } = raw;
  return typeof type === 'string' && (EVENTS.get(type)?.(raw) ?? false);
}

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, unknown>>;
type Checks = Readonly<Record<string, Check>>;

const anything: Check = (value) => value !== undefined;
const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
/** `1e999` is JSON too. */
const number: Check = (value) => Number.isFinite(value);
const positive: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
const natural: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const matching =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const oneOf = (values: readonly unknown[]): Check => {
  const known = new Set(values);
  return (value) => known.has(value);
};
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

function shape(required: Checks, optional: Checks = {}): Check {
  const checks = new Map(Object.entries({ ...optional, ...required }));
  const needed = new Set(Object.keys(required));
  return (value) => {
    if (!isFields(value)) return false;
    let found = 0;
    for (const key in value) {
      if (!checks.get(key)?.(value[key])) return false;
      if (needed.has(key)) found += 1;
    }
    return found === needed.size;
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const step = matching(/^\d+(\.\d+)*$/);
const payload = either(
  shape({ inline: anything }),
  shape({ blob: matching(/^[0-9a-f]{64}$/), bytes: natural }),
);
const errorInfo = shape({ code: text, message: text }, { action: text });
const usage = shape(
  { input: number, output: number },
  { cacheRead: number, cacheWrite: number, cacheWrite1h: number, reasoning: number },
);
const cost = either(
  shape({ kind: oneOf(['priced', 'estimated']), usd: number }),
  shape({ kind: oneOf(['unknown', 'free']) }),
);
const modelUse = shape({ provider: text, model: text, usage, cost }, { firstTokenMs: number });
const connection = shape({
  ...{ host: text, port: number, allowed: flag, at: number },
  ...{ durationMs: number, sentBytes: number, receivedBytes: number },
});
const toolUse = shape(
  { server: text },
  {
    ...{ image: text, cached: oneOf([true]), waitedMs: number },
    ...{ connections: listOf(connection), sampled: listOf(modelUse) },
  },
);
const files = shape({ before: text, after: text, paths: listOf(text) });
const rollUp = shape({
  ...{ steps: number, calls: number, inputTokens: number, outputTokens: number },
  ...{ usd: number, unpriced: number, priced: number, estimated: flag },
});
const context = shape({
  ...{ budget: number, tokens: number, leftOut: shape({ messages: number, tokens: number }) },
  sections: listOf(shape({ section: oneOf(CONTEXT_SECTIONS), messages: number, tokens: number })),
});

const envelope = { v: oneOf([RUN_EVENT_VERSION]), run: text, seq: positive, at: number, type: text };

const EVENTS: ReadonlyMap<string, Check> = new Map([
  [
    'step.started',
    shape(
      {
        ...{ ...envelope, step, kind: oneOf(STEP_KINDS), name: text, attempt: positive },
        ...{ effect: oneOf(['read', 'contained', 'change']), inputHash: text, input: payload },
      },
      { retry: positive, child: text, context },
    ),
  ],
  ['step.output', shape({ ...envelope, step, text })],
  ['step.note', shape({ ...envelope, step, level: oneOf(['info', 'warning']), text })],
  [
    'step.finished',
    shape(
      { ...envelope, step, output: payload, durationMs: number },
      { isError: flag, model: modelUse, tool: toolUse, files, rollUp, edited: oneOf([true]) },
    ),
  ],
  ['step.failed', shape({ ...envelope, step, error: errorInfo, durationMs: number })],
]);
