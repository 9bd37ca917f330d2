import type { Json } from '../../extension/src/base/json.ts';
import type { Message, ToolCallPart } from '../../extension/src/protocol/message.ts';
import { childRunId } from '../../extension/src/protocol/run-event.ts';
import type { BlobId, ModelUse, RunEvent, RunId } from '../../extension/src/protocol/run-event.ts';
import { RecordedRun } from './recorded-run.ts';

const START = Date.UTC(2026, 9, 5, 9, 30);
export const RUN = 'r-0001mb3kq7xw2d5f';

/** The logs of a run and its sub-runs, as one folder keeps them. */
export interface WalkedLog {
  readonly read: (run: RunId) => readonly RunEvent[];
  readonly getBlob: (id: BlobId) => string;
  readonly runs: Map<RunId, RecordedRun>;
  /** How often a run was read. */
  readonly reads: Map<RunId, number>;
}

export function logOf(...recorded: readonly RecordedRun[]): WalkedLog {
  const runs = new Map(recorded.map((run) => [run.id, run]));
  const reads = new Map<RunId, number>();
  return {
    runs,
    reads,
    read: (run) => {
      reads.set(run, (reads.get(run) ?? 0) + 1);
      return runs.get(run)?.events ?? [];
    },
    getBlob: (id) => {
      for (const run of recorded) {
        const text = run.blobs.get(id);
        if (text !== undefined) return text;
      }
      throw new Error(`There is no blob ${id}.`);
    },
  };
}

const use = (input: number, output: number, usd: number): ModelUse => ({
  provider: 'anthropic',
  model: 'claude-sonnet-4-5',
  usage: { input, output },
  cost: { kind: 'priced', usd },
});

const call = (tool: string, given: ToolCallPart['arguments'], text = ''): Message => ({
  role: 'assistant',
  content: [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    { type: 'tool-call', callId: `call-${tool}`, tool, arguments: given },
  ],
});

const says = (text: string): Message => ({ role: 'assistant', content: [{ type: 'text', text }] });
const asJson = (message: Message): Json => message as unknown as Json;
const output = (text: string, isError = false): Json => ({ content: [{ type: 'text', text }], isError });
const tree = (letter: string): string => letter.repeat(40);

function agentInput(name: string, task: string, more: object = {}): Json {
  const agent = {
    ...{ name, description: '', route: 'code', tools: ['*'], agents: [], handOvers: [], maxSteps: 50 },
    ...{ memory: true, prompt: '', ...more },
  };
  return { program: { kind: 'agent', agent }, task, approval: {}, agents: {}, depth: 0 };
}

function started(id: string, agent: string, task: string, more: object = {}, from = ''): RecordedRun {
  const run = new RecordedRun(id, START);
  return run.append({
    type: 'run.started',
    origin: from === '' ? { kind: 'user' } : { kind: 'sub-run', run: RUN, step: from },
    ...{ agent, task, folder: '/home/ada/projects/till', route: 'code', isolation: 'copy', strata: '0.1.0' },
    input: run.payload(agentInput(agent, task, more)),
  });
}

/**
 * A planner gives a part to a coder, tries a model call twice, has a tool that fails, hands over to a reviewer, and goes
 * through a node in which a critic's model call fails.
 */
export function plannedRun(): WalkedLog {
  const coder = childRunId(RUN, '3', 0);
  const critic = childRunId(RUN, '8.1', 0);
  return logOf(planner(coder, critic), coderRun(coder), criticRun(critic));
}

function planner(coder: RunId, critic: RunId): RecordedRun {
  const task = 'Apply the discount to the total.\nKeep all tests passing.';
  const run = started(RUN, 'planner', task, { budget: 0.05 });
  run
    .begin('1', 'recall', 'episodes', { task })
    .finish('1', 120, [
      { run: 'r-0001', task: 'Add the discount column', answer: 'Added.', files: ['src/till.ts'] },
    ]);
  const opening: Message[] = [
    { role: 'system', text: 'You plan.' },
    { role: 'user', content: [{ type: 'text', text: task }] },
  ];
  const plan = call('agent_coder', { task: 'Change total()' }, 'I give the change to the coder.');
  const first = run.chatInput(opening, [{ name: 'agent_coder', description: 'Asks the coder.' }]);
  run
    .begin('2', 'chat', 'code', first.input)
    .append({ type: 'step.note', step: '2', level: 'info', text: 'Route code: the first that is ready.' })
    .finish('2', 1900, asJson(plan), { model: use(1200, 80, 0.004) });
  run.begin('3', 'agent', 'coder', { task: 'Change total()', from: tree('a') }, { child: coder }).finish(
    '3',
    5200,
    { outcome: 'succeeded', answer: 'total() applies the discount.', base: tree('a'), tree: tree('b') },
    {
      rollUp: {
        ...{ steps: 3, calls: 2, inputTokens: 1900, outputTokens: 90, usd: 0.006 },
        ...{ unpriced: 0, priced: 2, estimated: false },
      },
    },
  );
  run
    .begin('4', 'merge', 'coder', { base: tree('a'), ours: tree('a'), theirs: tree('b') })
    .finish(
      '4',
      30,
      { tree: tree('b'), paths: ['src/till.ts'], conflicts: [] },
      { files: { before: tree('a'), after: tree('b'), paths: ['src/till.ts'] } },
    );
  const told: Message = {
    role: 'tool',
    callId: 'call-agent_coder',
    content: [{ type: 'text', text: 'total() applies the discount.' }],
    isError: false,
  };
  const test = call('shell_run', { command: 'npm test' });
  const second = run.chatInput([plan, told], [], first.conversation);
  run
    .begin('5', 'chat', 'code', second.input)
    .wait(900)
    .append({
      type: 'step.interrupted',
      step: '5',
      reason: { code: 'model-overloaded', message: 'The model is overloaded.' },
    })
    .begin('5', 'chat', 'code', second.input, { attempt: 2, retry: 1 })
    .finish('5', 1400, asJson(test), { model: use(1500, 40, 0.003) });
  run
    .begin('6', 'tool', 'shell_run', { arguments: { command: 'npm test' } })
    .finish(
      '6',
      4100,
      output(
        `\u001b[31m✖ rounds to cents\u001b[0m\r\n  90.005 !== 90.01\n${'    at total (src/till.ts:3)\n'.repeat(12)}`,
        true,
      ),
      {
        isError: true,
      },
    );
  run
    .begin('7', 'hand-over', 'reviewer', {
      from: 'planner',
      to: 'reviewer',
      message: 'Look at the rounding.',
    })
    .finish('7', 0, { agent: 'reviewer', message: 'Look at the rounding.' });
  run.begin('8', 'node', 'judge', { node: { id: 'judge' }, from: tree('b') });
  run
    .begin('8.1', 'agent', 'critic', { task: 'Judge it', from: tree('b') }, { child: critic })
    .finish('8.1', 700, { outcome: 'failed', answer: 'The key was refused.' }, { isError: true });
  run.finish('8', 0, { outcome: 'failed', answer: 'The key was refused.', usd: 0 });
  const third = run.chatInput([test, { ...told, callId: 'call-shell_run' }], [], second.conversation);
  run
    .begin('9', 'chat', 'review', third.input, {
      context: {
        ...{ budget: 8000, tokens: 3100, sections: [] },
        leftOut: { messages: 4, tokens: 900 },
      },
    })
    .finish('9', 1600, asJson(says('Round to cents before returning.')), { model: use(1700, 60, 0.005) });
  return run.append({
    type: 'run.finished',
    outcome: 'succeeded',
    answer: run.payload('Round to cents before returning.'),
  });
}

function coderRun(id: RunId): RecordedRun {
  const run = started(id, 'coder', 'Change total()', {}, '3');
  const edit = call('files_edit', { path: 'src/till.ts', oldText: 'sum', newText: 'sum * rate' });
  const first = run.chatInput([{ role: 'user', content: [{ type: 'text', text: 'Change total()' }] }], []);
  run.begin('1', 'chat', 'code', first.input).finish('1', 1500, asJson(edit), { model: use(900, 50, 0.003) });
  run
    .begin('2', 'tool', 'files_edit', {
      arguments: { path: 'src/till.ts', oldText: 'sum', newText: 'sum * rate\n' },
    })
    .finish('2', 40, output('Replaced 1 place in src/till.ts.'), {
      files: { before: tree('a'), after: tree('b'), paths: ['src/till.ts'] },
    });
  const second = run.chatInput(
    [
      edit,
      {
        role: 'tool',
        callId: 'call-files_edit',
        content: [{ type: 'text', text: 'Replaced 1 place.' }],
        isError: false,
      },
    ],
    [],
    first.conversation,
  );
  run
    .begin('3', 'chat', 'code', second.input)
    .finish('3', 1100, asJson(says('total() applies the discount.')), { model: use(1000, 40, 0.003) });
  return run.append({
    type: 'run.finished',
    outcome: 'succeeded',
    answer: { inline: 'total() applies the discount.' },
  });
}

function criticRun(id: RunId): RecordedRun {
  const run = started(id, 'critic', 'Judge it', {}, '8.1');
  const error = {
    code: 'model-auth',
    message: 'Anthropic refused the key (401).',
    action: 'Set a new key with “Strata: Set API Key”.',
  };
  run
    .begin('1', 'chat', 'review', run.chatInput([], []).input)
    .wait(400)
    .append({ type: 'step.failed', step: '1', error, durationMs: 400 });
  return run.append({ type: 'run.finished', outcome: 'failed', error });
}

/** A conversation of so many steps: model calls that each add two messages, and tool calls between them. */
export function longRun(steps: number): WalkedLog {
  const run = started(RUN, 'coder', 'A long one');
  let conversation: BlobId | null = null;
  for (let n = 1; n <= steps; n += 1) {
    const id = String(n);
    if (n % 2 === 1) {
      const asked: Message = { role: 'user', content: [{ type: 'text', text: `Question ${id}` }] };
      const next = run.chatInput([asked, says(`Answer ${id}`)], [], conversation);
      conversation = next.conversation;
      run
        .begin(id, 'chat', 'code', next.input)
        .finish(id, 10, asJson(call('files_read', { path: `src/${id}.ts` })), {
          model: use(100, 10, 0.0001),
        });
    } else {
      run
        .begin(id, 'tool', 'files_read', { arguments: { path: `src/${id}.ts` } })
        .finish(id, 5, output(`Text of ${id}`));
    }
  }
  return logOf(run.append({ type: 'run.finished', outcome: 'succeeded', answer: { inline: 'Done.' } }));
}
