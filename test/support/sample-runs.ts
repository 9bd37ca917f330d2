import type { Json } from '../../extension/src/base/json.ts';
import type { Message } from '../../extension/src/protocol/message.ts';
import type { ModelUse } from '../../extension/src/protocol/run-event.ts';
import { RecordedRun } from './recorded-run.ts';

const START = Date.UTC(2026, 9, 5, 9, 30);
const tools: Json = [
  { name: 'files_read', description: 'Reads a file.', inputSchema: { type: 'object' } },
  { name: 'files_edit', description: 'Replaces text in a file.', inputSchema: { type: 'object' } },
  { name: 'shell_run', description: 'Runs a command in the container.', inputSchema: { type: 'object' } },
];
const use = (input: number, output: number, usd: number): ModelUse => ({
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  usage: { input, output, cacheRead: Math.floor(input * 0.7) },
  cost: { kind: 'priced', usd },
  firstTokenMs: 420,
});
const call = (callId: string, tool: string, args: Record<string, Json>): Message => ({
  role: 'assistant',
  content: [
    {
      type: 'text',
      text: 'The total is computed before the discount is applied. I will look at the code first.',
    },
    { type: 'tool-call', callId, tool, arguments: args },
  ],
});
const result = (callId: string, text: string, isError = false): Message => ({
  role: 'tool',
  callId,
  content: [{ type: 'text', text }],
  isError,
});
const reply = (message: Message): Json => ({
  message: message as unknown as Json,
  stop: 'tool-calls',
  deployment: 'anthropic/claude-sonnet-4-5',
});
const text = (value: string, isError = false): Json => ({
  content: [{ type: 'text', text: value }],
  isError,
});

const code = `export function total(items: readonly Item[], discount: number): number {
  const sum = items.reduce((sum, item) => sum + item.price, 0);
  return sum;
}
`;
const failure = `✖ applies the discount (1.2 ms)
  AssertionError: Expected values to be strictly equal:
  100 !== 90
      at TestContext.<anonymous> (test/till.test.ts:9:10)

ℹ pass 3
ℹ fail 1`;

/** A run up to the step in which the tests have failed. */
export function begun(
  task = 'Make the failing test pass: the discount is not applied to the total',
): RecordedRun {
  const run = new RecordedRun('r-0001mb3kq7xw2d5f', START).start(task);
  run.begin('1', 'snapshot', 'workspace', {}).finish('1', 180, { tree: 'a'.repeat(40), files: 42 });
  run
    .begin('2', 'index', 'workspace', {})
    .finish('2', 640, { files: 42, chunks: 131, changed: 3, removed: 0, skipped: 1 });
  run.begin('3', 'recall', 'memory', { query: task, limit: 4 }).finish('3', 210, {
    hits: [
      { path: 'src/till.ts', startLine: 1, endLine: 4, symbol: 'total', text: code, score: 0.83 },
      { path: 'README.md', startLine: 10, endLine: 12, text: 'Discounts are given in percent.', score: 0.41 },
    ],
    episodes: [],
  });
  run.begin('4', 'catalogue', 'tools', {}).finish('4', 1240, { tools, notes: [] });
  const first = run.chatInput(
    [
      { role: 'system', text: 'You are a careful engineer. Work in small steps.' },
      { role: 'user', content: [{ type: 'text', text: task }] },
    ],
    tools,
  );
  const read = call('c1', 'files_read', { path: 'src/till.ts' });
  run
    .begin('5', 'chat', 'code', first.input)
    .append({
      type: 'step.note',
      step: '5',
      level: 'info',
      text: 'Route code: anthropic/claude-sonnet-4-5, the first that is ready.',
    })
    .append({
      type: 'step.note',
      step: '5',
      level: 'warning',
      text: 'Attempt 1 was answered with 529 overloaded; tried again after 800 ms.',
    })
    .finish('5', 3100, reply(read), { model: use(2400, 120, 0.0091) });
  run
    .begin('6', 'tool', 'files_read', { tool: 'files_read', arguments: { path: 'src/till.ts' } })
    .finish('6', 35, text(code));
  const tests = call('c2', 'shell_run', { command: 'npm test', timeoutMs: 60000 });
  const second = run.chatInput([read, result('c1', code)], tools, first.conversation);
  run
    .begin('7', 'chat', 'code', second.input)
    .finish('7', 2300, reply(tests), { model: use(2800, 95, 0.0062) });
  run
    .begin('8', 'tool', 'shell_run', {
      tool: 'shell_run',
      arguments: { command: 'npm test', timeoutMs: 60000 },
    })
    .finish('8', 4200, text(failure, true), { isError: true });
  const edit = call('c3', 'files_edit', {
    path: 'src/till.ts',
    oldText: '  return sum;\n',
    newText: '  return sum * (1 - discount / 100);\n',
  });
  const third = run.chatInput([tests, result('c2', failure, true)], tools, second.conversation);
  run
    .begin('9', 'chat', 'code', third.input)
    .finish('9', 4100, reply(edit), { model: use(3300, 210, 0.0103) });
  return run;
}

export function succeeded(): RecordedRun {
  const run = begun();
  run
    .begin('10', 'approval', 'files_edit', { tool: 'files_edit' })
    .finish('10', 2600, { decision: 'allowed', by: 'person' });
  run
    .begin('11', 'tool', 'files_edit', {
      tool: 'files_edit',
      arguments: {
        path: 'src/till.ts',
        oldText: '  return sum;\n',
        newText: '  return sum * (1 - discount / 100);\n',
      },
    })
    .finish('11', 60, text('Replaced 1 place in src/till.ts.'), {
      files: { before: 'a'.repeat(40), after: 'b'.repeat(40), paths: ['src/till.ts', 'test/till.test.ts'] },
    });
  run.begin('12', 'tool', 'review', { agent: 'reviewer' });
  run
    .begin('12.1', 'chat', 'review', { route: 'review' })
    .finish('12.1', 1900, { text: 'Looks right.' }, { model: use(900, 60, 0.0031) });
  run
    .begin('12.2', 'tool', 'shell_run', { arguments: { command: 'npm test' } })
    .finish('12.2', 3900, text('ℹ pass 4\nℹ fail 0'));
  run.wait(-5800).finish('12', 5820, text('The change is right and all tests pass.'));
  run
    .begin('13', 'chat', 'code', { route: 'code' })
    .finish('13', 1700, { text: 'Done.' }, { model: use(3700, 80, 0.0074) });
  run.begin('14', 'remember', 'episode', {}).finish('14', 90, { remembered: true });
  return run.append({
    type: 'run.finished',
    outcome: 'succeeded',
    answer: { inline: 'The discount is now applied to the total in `src/till.ts`. All 4 tests pass.' },
  });
}

export function running(now: number): RecordedRun {
  const run = begun();
  const shift = now - run.at - 1800;
  run.events.splice(0, run.events.length, ...run.events.map((event) => ({ ...event, at: event.at + shift })));
  run.at += shift;
  run.live = true;
  return run
    .begin('10', 'chat', 'code', { route: 'code' })
    .append({
      type: 'step.output',
      step: '10',
      text: 'The test expects 90 for a discount of 10 percent, and ',
    })
    .append({ type: 'step.output', step: '10', text: 'the function returns the plain sum. I will ' });
}

export function paused(): RecordedRun {
  return begun()
    .begin('10', 'tool', 'files_edit', { arguments: { path: 'src/till.ts' } })
    .wait(900)
    .append({
      type: 'step.interrupted',
      step: '10',
      reason: { code: 'docker-unavailable', message: 'The Docker engine stopped answering.' },
    })
    .append({
      type: 'run.paused',
      reason: {
        code: 'docker-unavailable',
        message: 'The Docker engine stopped answering while files_edit was at work.',
        action: 'Start Docker, then resume the run. The file will be put back and the edit made again.',
      },
    });
}

export function failed(): RecordedRun {
  const run = begun();
  const error = {
    code: 'model-auth',
    message: 'Anthropic refused the key (401).',
    action: 'Set a new key with “Strata: Set API Key”.',
  };
  return run
    .begin('10', 'chat', 'code', { route: 'code' })
    .wait(400)
    .append({ type: 'step.failed', step: '10', error, durationMs: 400 })
    .append({ type: 'run.finished', outcome: 'failed', error });
}

/** Resumed a day later, its cost only partly known. */
export function resumed(): RecordedRun {
  const run = paused().wait(86_400_000).append({ type: 'run.resumed', owner: 'window-2' });
  run
    .begin('10', 'tool', 'files_edit', { arguments: { path: 'src/till.ts' } }, { attempt: 2 })
    .finish('10', 55, text('Replaced 1 place.'));
  run
    .begin('11', 'chat', 'code', {})
    .finish('11', 2000, { text: 'Done.' }, { model: { ...use(3000, 40, 0), cost: { kind: 'unknown' } } });
  return run.append({ type: 'run.finished', outcome: 'succeeded', answer: { inline: 'Done.' } });
}

export function demo(): RecordedRun {
  const run = new RecordedRun('r-0001mb3kq7xw2d60', START).start('Look around');
  run.begin('1', 'chat', 'code', { route: 'code' }).finish(
    '1',
    300,
    { text: 'Hello.' },
    {
      model: {
        provider: 'demo',
        model: 'strata-demo',
        usage: { input: 300, output: 20 },
        cost: { kind: 'free' },
      },
    },
  );
  return run.append({ type: 'run.finished', outcome: 'succeeded', answer: { inline: 'Hello.' } });
}

export function long(steps: number): RecordedRun {
  const run = new RecordedRun('r-0001mb3kq7xw2d61', START).start('A long one');
  for (let n = 1; n <= steps; n++) {
    const chat = n % 2 === 1;
    run
      .begin(String(n), chat ? 'chat' : 'tool', chat ? 'code' : 'files_read', {
        path: `src/file-${String(n)}.ts`,
      })
      .finish(
        String(n),
        20 + (n % 7) * 30,
        { text: `Output of step ${String(n)}` },
        chat ? { model: use(1000, 50, 0.001) } : {},
      );
  }
  return run.append({ type: 'run.finished', outcome: 'succeeded' });
}

export const XSS = `"><img src=x onerror="window.hacked=1"><script>window.hacked=2</script><svg onload="window.hacked=3">javascript:window.hacked=4`;

/** Markup in every field that a run can hold. */
export function hostile(): RecordedRun {
  const error = { code: XSS, message: XSS, action: XSS };
  const run = new RecordedRun('r-0001mb3kq7xw2d62', START).start(XSS, XSS);
  const messages: Message[] = [
    { role: 'system', text: XSS },
    {
      role: 'user',
      content: [
        { type: 'text', text: XSS },
        { type: 'image', mimeType: XSS, data: XSS },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: XSS },
        {
          type: 'tool-call',
          callId: XSS,
          tool: XSS,
          arguments: { [XSS]: XSS, nested: { [XSS]: XSS }, lines: `${XSS}\n${XSS}` },
        },
      ],
    },
    { role: 'tool', callId: XSS, content: [{ type: 'text', text: XSS }], isError: true },
  ];
  run
    .begin('1', 'chat', XSS, run.chatInput(messages, [{ name: XSS, description: XSS }]).input)
    .append({ type: 'step.note', step: '1', level: 'warning', text: XSS })
    .finish(
      '1',
      100,
      { message: messages[2] as unknown as Json, [XSS]: XSS },
      {
        model: { provider: XSS, model: XSS, usage: { input: 1, output: 1 }, cost: { kind: 'unknown' } },
        files: { before: XSS, after: XSS, paths: [XSS] },
      },
    );
  run
    .begin('2', 'tool', XSS, { arguments: { [XSS]: XSS } })
    .finish('2', 10, text(XSS, true), { isError: true });
  run
    .begin('3', 'recall', XSS, XSS)
    .finish('3', 10, [{ path: XSS, text: XSS, startLine: 1, endLine: 2, symbol: XSS }]);
  run.begin('4', 'tool', XSS, [XSS]).append({ type: 'step.output', step: '4', text: XSS });
  run.append({ type: 'step.failed', step: '4', error, durationMs: 1 });
  return run.append({ type: 'run.finished', outcome: 'failed', error, answer: { inline: XSS } });
}
