import { createHash } from 'node:crypto';
import type { Json } from '../../extension/src/base/json.ts';
import { canonicalJson } from '../../extension/src/base/json.ts';
import { childRunId } from '../../extension/src/protocol/run-event.ts';
import type { ModelUse, RunEventBody } from '../../extension/src/protocol/run-event.ts';
import { RecordedRun } from './recorded-run.ts';
import { XSS } from './sample-runs.ts';
import { logOf } from './walked-runs.ts';
import type { WalkedLog } from './walked-runs.ts';

const START = Date.UTC(2026, 9, 5, 9, 30);
export const A = 'r-0001mb3kq7xw2d5f';
export const B = 'r-0001mb3kq7xw2d6g';
const TASK = 'Make the failing test pass: the discount is not applied to the total';

type More = Partial<Extract<RunEventBody, { readonly type: 'step.finished' }>>;

/** A step with what it was given, what came of it, and how long it took. */
export type Did = readonly [
  kind: 'chat' | 'tool' | 'agent' | 'snapshot',
  name: string,
  input: Json,
  output: Json,
  ms: number,
  more?: More & { readonly child?: string },
];

const use = (input: number, output: number, usd: number, model = 'claude-sonnet-4-5'): ModelUse => ({
  ...{ provider: 'anthropic', model },
  usage: { input, output },
  cost: { kind: 'priced', usd },
});

const reply = (text: string): Json => ({ content: [{ type: 'text', text }] });
const result = (text: string): Json => ({ content: [{ type: 'text', text }], isError: false });
const tree = (letter: string): string => letter.repeat(40);
const edited = (from: string, to: string, ...paths: readonly string[]): More => ({
  files: { before: tree(from), after: tree(to), paths },
});

/** Writes the steps into a run, numbered from 1. Equal inputs have equal hashes, as the run loop gives them. */
export function record(run: RecordedRun, steps: readonly Did[], answer: string): RecordedRun {
  for (const [index, [kind, name, input, output, ms, more = {}]] of steps.entries()) {
    const { child, ...finish } = more;
    const step = String(index + 1);
    const inputHash = createHash('sha256').update(canonicalJson(input)).digest('hex');
    run
      .begin(step, kind, name, input, { inputHash, ...(child === undefined ? {} : { child }) })
      .finish(step, ms, output, finish);
  }
  return run.append({ type: 'run.finished', outcome: 'succeeded', answer: run.payload(answer) });
}

const till = `export function total(items, discount) {
  const sum = items.reduce((sum, item) => sum + item.price, 0);
  return sum;
}
${'// Prices are in cents.\n'.repeat(40)}`;
const begun: readonly Did[] = [
  ['snapshot', 'workspace', {}, { tree: tree('a'), files: 42 }, 180],
  ['chat', 'code', { asked: 1 }, reply('I read the code first.'), 3100, { model: use(2400, 120, 0.0091) }],
  ['tool', 'files_read', { arguments: { path: 'src/till.ts' } }, result(till), 35],
];
const edit = (text: string): Json => ({
  arguments: { path: 'src/till.ts', oldText: '  return sum;\n', newText: text },
});
const done = result('Replaced 1 place in src/till.ts.');

/** Two tries at one task: the second edits otherwise, runs the tests once more, and has nobody look at it. */
export function twoTries(): WalkedLog {
  const reviewer = childRunId(A, '7', 0);
  const a = record(
    new RecordedRun(A, START).start(TASK),
    [
      ...begun,
      ['chat', 'code', { asked: 2 }, reply('I apply the discount.'), 2300, { model: use(2800, 95, 0.0062) }],
      [
        ...(['tool', 'files_edit', edit('  return sum * (1 - discount);\n'), done, 60] as const),
        edited('a', 'b', 'src/till.ts', 'docs/till.md'),
      ],
      [
        ...([
          'tool',
          'shell_run',
          { arguments: { command: 'npm test' } },
          result('pass 3\nfail 1'),
          4200,
        ] as const),
        { isError: true },
      ],
      [
        ...([
          'agent',
          'reviewer',
          { task: 'Look at it' },
          { outcome: 'succeeded', answer: 'Fine.' },
        ] as const),
        ...([5200, { child: reviewer }] as const),
      ],
      ['chat', 'code', { asked: 3 }, reply('Done.'), 1700, { model: use(3700, 80, 0.0074) }],
    ],
    'The discount is applied.\nOne test still fails.',
  );
  const child = record(
    new RecordedRun(reviewer, START).start('Look at it', 'reviewer', {
      origin: { kind: 'sub-run', run: A, step: '7' },
    }),
    [
      ['tool', 'files_read', { arguments: { path: 'src/till.ts' } }, result(till), 30],
      ['chat', 'review', { asked: 1 }, reply('Fine.'), 1900, { model: use(900, 60, 0.0031) }],
    ],
    'Fine.',
  );
  const b = record(
    new RecordedRun(B, START + 600_000).start(TASK),
    [
      ...begun,
      [
        ...(['chat', 'code', { asked: 2 }, reply('The discount is a percentage.'), 4100] as const),
        { model: use(2800, 260, 0.0123, 'claude-opus-4-5') },
      ],
      [
        ...(['tool', 'files_edit', edit('  return sum * (1 - discount / 100);\n'), done, 55] as const),
        edited('a', 'c', 'src/till.ts', 'test/till.test.ts'),
      ],
      ['tool', 'shell_run', { arguments: { command: 'npm test' } }, result('pass 4\nfail 0'), 3900],
      ['tool', 'shell_run', { arguments: { command: 'npm run lint' } }, result('clean'), 2100],
      ['chat', 'code', { asked: 3 }, reply('Done.'), 1500, { model: use(3900, 70, 0.0074) }],
    ],
    'The discount is applied.\nAll 4 tests pass.',
  );
  return logOf(a, child, b);
}

/** Two runs of so many steps, of which every hundredth has another result. */
export function longTries(steps: number): WalkedLog {
  const one = (id: string, other: string): RecordedRun =>
    record(
      new RecordedRun(id, START).start('A long one'),
      Array.from({ length: steps }, (_, index): Did => {
        const n = index + 1;
        if (n % 2 === 1)
          return ['chat', 'code', { n }, reply(`Answer ${String(n)}`), 20, { model: use(1000, 50, 0.001) }];
        const text = `Text of ${String(n)}${n % 100 === 0 ? other : ''}`;
        return ['tool', 'files_read', { arguments: { path: `src/${String(n)}.ts` } }, result(text), 30];
      }),
      'Done.',
    );
  return logOf(one(A, ''), one(B, ', changed'));
}

/** The same steps twice, in other times. */
export function sameTries(): WalkedLog {
  const run = (id: string): RecordedRun => record(new RecordedRun(id, START).start(TASK), begun, 'Done.');
  return logOf(run(A), run(B));
}

/** Markup in every field that a comparison shows. */
export function hostileTries(): WalkedLog {
  const run = (id: string, other: string): RecordedRun =>
    record(
      new RecordedRun(id, START).start(`${XSS}${other}`, XSS),
      [
        ['chat', XSS, { asked: XSS }, reply(`${XSS}${other}`), 20, { model: use(1, 1, 1, XSS) }],
        ['tool', XSS, { arguments: { [XSS]: XSS, other } }, result(`${XSS}\n${other}`), 30],
      ],
      `${XSS}\n${other}`,
    );
  return logOf(run(A, ''), run(B, 'x'));
}
