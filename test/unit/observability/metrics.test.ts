import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aggregate,
  factAt,
  pack,
  readFacts,
  unpack,
} from '../../../extension/src/core/observability/metrics/index.ts';
import type {
  Fact,
  FactTables,
  MetricsQuery,
} from '../../../extension/src/core/observability/metrics/index.ts';
import { failureNote } from '../../../extension/src/core/models/routing-notes.ts';
import { ModelError } from '../../../extension/src/core/models/index.ts';
import type {
  ModelUse,
  RunEvent,
  RunEventBody,
  RunOrigin,
} from '../../../extension/src/protocol/run-event.ts';
import { RUN_EVENT_VERSION } from '../../../extension/src/protocol/run-event.ts';

/** A Monday morning, wherever the test runs. */
const START = new Date(2026, 9, 5, 9).getTime();

interface Told {
  readonly facts: readonly Fact[];
  say(ms: number, ...bodies: RunEventBody[]): Told;
  begin(step: string, kind: 'chat' | 'tool' | 'hand-over', name: string, more?: object): Told;
  end(step: string, more?: object): Told;
}

/** Tells a run event by event and collects what each adds. */
function told(
  run: string,
  { origin = { kind: 'user' }, agent = 'coder', at = START, user }: RunPlan = {},
): Told {
  const reader = readFacts();
  const facts: Fact[] = [];
  let [seq, now] = [0, at];
  const self: Told = {
    facts,
    say: (ms, ...bodies) => {
      now += ms;
      for (const body of bodies) {
        const event: RunEvent = { v: RUN_EVENT_VERSION, run, seq: (seq += 1), at: now, ...body };
        facts.push(...reader(event));
      }
      return self;
    },
    begin: (step, kind, name, more = {}) =>
      self.say(0, {
        ...{ type: 'step.started', step, kind, name, effect: 'read', inputHash: name, input: { inline: 1 } },
        ...{ attempt: 1, ...more },
      }),
    end: (step, more = {}) => {
      const { ms = 100, ...rest } = more as { readonly ms?: number };
      return self.say(ms, { type: 'step.finished', step, output: { inline: 1 }, durationMs: ms, ...rest });
    },
  };
  return self.say(0, {
    ...{ type: 'run.started', origin, agent, task: 'a task', folder: '/w', route: 'code' },
    ...{ isolation: 'copy', input: { inline: 1 }, strata: 'test' },
    ...(user === undefined ? {} : { user }),
  });
}

interface RunPlan {
  readonly origin?: RunOrigin;
  readonly agent?: string;
  readonly at?: number;
  readonly user?: string;
}

function use(
  model: string,
  input: number,
  output: number,
  more: Partial<ModelUse> = {},
): { model: ModelUse } {
  return {
    model: { provider: 'p', model, usage: { input, output }, cost: { kind: 'priced', usd: 0.5 }, ...more },
  };
}

const finished = (outcome: 'succeeded' | 'failed' | 'stopped'): RunEventBody => ({
  type: 'run.finished',
  outcome,
});

/** Into columns and out of them, as they are kept. */
function tables(facts: readonly Fact[]): FactTables {
  const runs = [...new Set(facts.map(({ run }) => run))];
  const labels: (string | undefined)[] = [undefined];
  const numbers = {
    run: ({ run }: Fact): number => runs.indexOf(run),
    label: (text: string | undefined): number => {
      const known = labels.indexOf(text);
      return known >= 0 ? known : labels.push(text) - 1;
    },
  };
  const made = (['run', 'model', 'tool'] as const).map((kind) => {
    const own = facts.filter((fact) => fact.kind === kind);
    const table = unpack(kind, pack(kind, own, numbers));
    const names = { runOf: (n: number) => runs[n] ?? '', textOf: (n: number) => labels[n] };
    assert.deepEqual(
      own.map((_, row) => factAt(table, row, names)),
      own,
    );
    return table;
  });
  return { tables: made, runCount: runs.length, gone: new Uint8Array(runs.length), labels };
}

function answer(facts: readonly Fact[], query: MetricsQuery = {}) {
  const found = aggregate(tables(facts), query);
  assert.ok(found);
  return found;
}

/** `key: value` of each group, as a reader of a table would say it. */
function lines(
  facts: readonly Fact[],
  query: MetricsQuery,
  say: (group: ReturnType<typeof answer>['groups'][number]) => unknown,
): string[] {
  return answer(facts, query).groups.map((group) => `${group.key ?? '?'}: ${String(say(group))}`);
}

test('a run says how it ended and how long it was worked on', () => {
  const died = told('a').begin('1', 'chat', 'code').end('1').say(9_000, { type: 'run.resumed', owner: 'x' });
  died.say(50, { type: 'run.paused', reason: { code: 'x', message: 'y' } });
  died.say(7_000, { type: 'run.resumed', owner: 'x' }).say(30, finished('succeeded'));
  const states = died.facts.flatMap((fact) =>
    fact.kind === 'run' ? [`${fact.status} ${fact.activeMs}`] : [],
  );
  assert.deepEqual(states, ['running 0', 'running 100', 'paused 150', 'running 150', 'succeeded 180']);
  const { runs } = answer(died.facts).total;
  assert.deepEqual([runs.count, runs.succeeded, runs.successRate, runs.workMs?.p50], [1, 1, 1, 180]);
});

test('groups have runs, calls, tokens and cost of their own, and nothing is counted twice', () => {
  const one = told('a')
    .begin('1', 'chat', 'code')
    .end('1', use('big', 100, 10));
  one.begin('2', 'tool', 'files_read').end('2', { isError: true }).say(0, finished('failed'));
  const two = told('b', { agent: 'writer', origin: { kind: 'sub-run', run: 'a', step: '3' } });
  two.begin('1', 'chat', 'fast').end('1', use('small', 50, 5, { cost: { kind: 'unknown' } }));
  two
    .begin('2', 'chat', 'code')
    .end('2', use('big', 7, 1, { cost: { kind: 'free' } }))
    .say(0, finished('succeeded'));
  const facts = [...one.facts, ...two.facts];
  assert.deepEqual(
    lines(facts, { by: 'agent' }, ({ runs, models }) => [
      runs.count,
      runs.parts,
      models?.usd,
      models?.unpriced,
    ]),
    ['coder: 1,0,0.5,0', 'writer: 1,1,0,1'],
  );
  assert.deepEqual(
    lines(facts, { by: 'route' }, ({ runs, models }) => [runs.count, models?.calls]),
    ['code: 2,2', 'fast: 0,1'],
  );
  assert.deepEqual(
    lines(facts, { by: 'model' }, ({ runs, models, tools }) => [runs.count, models?.inputTokens, tools]),
    ['p/big: 2,107,', 'p/small: 1,50,'],
  );
  assert.deepEqual(
    lines(facts, { by: 'tool' }, ({ runs, models, tools }) => [
      runs.failed,
      models,
      tools?.calls,
      tools?.failed,
    ]),
    ['files_read: 1,,1,1'],
  );
  assert.deepEqual(
    lines(facts, { by: 'user' }, ({ runs }) => runs.count),
    ['?: 2'],
  );
  const { total } = answer(facts, { by: 'tool' });
  assert.deepEqual([total.runs.count, total.models?.calls, total.models?.priced], [2, 3, 1]);
  assert.deepEqual(
    lines(facts, { by: 'agent', only: { model: 'p/small' } }, ({ runs, models }) => [
      runs.count,
      models?.calls,
    ]),
    ['writer: 1,1'],
  );
  assert.deepEqual(answer(facts, { only: { agent: 'nobody' } }).total.runs.count, 0);
});

test('users have the calls of their runs, and what a run of before says nothing of is not known', () => {
  const work = (run: string, user?: string): readonly Fact[] =>
    told(run, user === undefined ? {} : { user })
      .begin('1', 'chat', 'code')
      .end('1', use('big', 100, 10))
      .begin('2', 'tool', 'files_read')
      .end('2')
      .say(0, finished('succeeded')).facts;
  const facts = [...work('a', 'Ada'), ...work('b', 'Ada'), ...work('c', 'Bo'), ...work('d')];
  assert.deepEqual(
    lines(facts, { by: 'user' }, ({ runs, models, tools }) => [runs.count, models?.usd, tools?.calls]),
    ['Ada: 2,1,2', '?: 1,0.5,1', 'Bo: 1,0.5,1'],
  );
  assert.deepEqual(
    lines(facts, { by: 'model', only: { user: 'Bo' } }, ({ runs, models }) => [runs.count, models?.calls]),
    ['p/big: 1,1'],
  );
  assert.equal(answer(facts, { only: { user: 'Eve' } }).total.runs.count, 0);
});

test('time is cut into hours, days and weeks; a group has its own points', () => {
  const at = [0, 1, 25, 24 * 9].map((hours) => START + hours * 3_600_000);
  const facts = at.flatMap(
    (begun, index) =>
      told(`r${index}`, { at: begun, agent: index < 2 ? 'coder' : 'writer' }).say(5, finished('succeeded'))
        .facts,
  );
  const counts = (by: 'hour' | 'day' | 'week'): number[] =>
    answer(facts, { by }).groups.map(({ runs }) => runs.count);
  assert.deepEqual(
    [counts('hour'), counts('day'), counts('week')],
    [
      [1, 1, 1, 1],
      [2, 1, 1],
      [3, 1],
    ],
  );
  const points = answer(facts, { by: 'agent', over: 'day' }).groups.map(({ key, series }) => [
    key,
    ...series.map(({ runs }) => runs.count),
  ]);
  assert.deepEqual(points, [
    ['coder', 2],
    ['writer', 1, 1],
  ]);
  assert.deepEqual(
    answer(facts, { over: 'week' }).total.series.map(({ runs }) => runs.count),
    [3, 1],
  );
  assert.equal(answer(facts, { from: START + 1, to: at[3] ?? 0 }).total.runs.count, 2);
  assert.equal(aggregate(tables([...facts, ...told('z', { at: 0 }).facts]), { by: 'hour' }), undefined);
});

test('percentiles are those of the sorted values', () => {
  let seed = 7;
  const chance = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 1) / 2 ** 31;
  for (const count of [1, 2, 3, 19, 20, 21, 400]) {
    const run = told('a');
    const values = Array.from({ length: count }, () => Math.floor(chance() * 50));
    for (const [index, ms] of values.entries())
      run
        .begin(`${index}`, 'chat', 'code')
        .end(`${index}`, { ms, ...use('m', 1, 1, { firstTokenMs: ms * 2 }) });
    const sorted = values.toSorted((a, b) => a - b);
    const rank = (share: number): number | undefined => sorted[Math.ceil(share * count) - 1];
    const { models } = answer(run.facts).total;
    assert.deepEqual(models?.latencyMs, { p50: rank(0.5), p95: rank(0.95) });
    assert.equal(models.firstTokenMs?.p95, (rank(0.95) ?? 0) * 2);
  }
});

const failedNote = (id: string): string =>
  failureNote(
    { id, provider: 'anthropic', model: 'big' },
    new ModelError('rate-limit', 'Too many requests.', 'Wait.', { status: 429 }),
    { kept: 0, dropped: 0, then: 'p/small is next' },
  );

test('attempts of a deployment count however it is called', () => {
  const notes = [
    failedNote('openai/big'),
    failedNote('openai/big at https://models.example/v1'),
    failedNote('openai/big at https://models.example/v1 (key work)'),
    'openai/big is passed over: the request needs about 2,000 tokens, and it takes 1,000.',
    'Route “code” → openai/big, since openai/small cools down for 21 s after rate-limit 429.',
  ];
  const run = told('a').begin('1', 'chat', 'code');
  for (const text of notes) run.say(0, { type: 'step.note', step: '1', level: 'warning', text });
  run.end('1', use('big', 1, 1));
  assert.equal(answer(run.facts).total.models?.retries, 3);
});

test('attempts that failed count, whether the step or the router made them', () => {
  const text = failedNote('anthropic/big');
  const run = told('a').begin('1', 'chat', 'code');
  run.say(0, { type: 'step.note', step: '1', level: 'warning', text });
  run.say(0, { type: 'step.note', step: '1', level: 'info', text: 'Route “code” → p/small, the next one.' });
  run.say(0, { type: 'step.interrupted', step: '1', reason: { code: 'x', message: 'y' } });
  run.begin('1', 'chat', 'code', { attempt: 2, retry: 1 }).end('1', use('small', 1, 1));
  run.begin('2', 'chat', 'code');
  run.say(5, { type: 'step.failed', step: '2', error: { code: 'x', message: 'y' }, durationMs: 5 });
  const { models } = answer(run.facts).total;
  assert.deepEqual([models?.calls, models?.failed, models?.retries, models?.latencyMs?.p95], [2, 1, 2, 100]);
});

test('what was not done here is not counted: copied steps of a fork, the recorded half of a replay, refused calls', () => {
  const fork = told('f', { origin: { kind: 'fork', run: 'a', step: '1' } });
  fork.begin('1', 'chat', 'code').end('1', { ms: 0, ...use('m', 9, 9) });
  fork
    .say(10, { type: 'run.resumed', owner: 'x' })
    .begin('2', 'chat', 'code')
    .end('2', use('m', 1, 1));
  assert.equal(answer(fork.facts).total.models?.calls, 1);
  const half = told('h', { origin: { kind: 'replay', run: 'a', live: 'tools' } });
  half
    .begin('1', 'chat', 'code')
    .end('1', use('m', 9, 9))
    .begin('2', 'tool', 'shell_run')
    .end('2');
  const { models, tools } = answer(half.facts).total;
  assert.deepEqual([models?.calls, tools?.calls], [0, 1]);
  const refused = told('n').begin('1', 'tool', 'shell_run', { input: { inline: { refusal: 'no' } } });
  assert.equal(answer(refused.end('1', { isError: true }).facts).total.tools?.calls, 0);
});

test('after a hand-over the calls are the new agent’s; the same call again and again is told', () => {
  const run = told('a')
    .begin('1', 'chat', 'code')
    .end('1', use('m', 1, 1));
  run
    .begin('2', 'hand-over', 'tester')
    .end('2')
    .begin('3', 'chat', 'code')
    .end('3', use('m', 1, 1));
  for (const step of ['4', '5', '6']) run.begin(step, 'tool', 'shell_run').end(step);
  assert.deepEqual(
    lines(run.facts, { by: 'agent' }, ({ models }) => models?.calls),
    ['coder: 1', 'tester: 1'],
  );
  assert.deepEqual(
    run.facts.flatMap((fact) => (fact.kind === 'tool' ? [fact.repeats] : [])),
    [1, 2, 3],
  );
});
