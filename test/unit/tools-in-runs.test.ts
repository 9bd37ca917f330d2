import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { replayRun, startRun } from '../../extension/src/core/orchestration/index.ts';
import type { RunEnvironment, RunInput } from '../../extension/src/core/orchestration/index.ts';
import { summariseStep, toOtlpJson } from '../../extension/src/core/observability/index.ts';
import {
  createSamplingDesk,
  type CallContext,
  type SamplingRequest,
  type Tool,
  type ToolCall,
  type ToolResult,
} from '../../extension/src/core/tools/index.ts';
import type { Message, ToolDefinition } from '../../extension/src/protocol/message.ts';
import { readPayload } from '../../extension/src/protocol/payload.ts';
import { foldRun } from '../../extension/src/protocol/run-view.ts';
import { calls, inputFor, says, smallWorld } from '../support/small-world.ts';
import { lastHeard } from '../support/transcript.ts';

interface Played {
  readonly end: string;
  /** `kind name` of each step from the first model call on, with `: error` where it is one. */
  readonly story: readonly string[];
  /** What the model was told of, by call. */
  readonly offered: readonly (readonly ToolDefinition[])[];
  /** What it heard last, by call. */
  readonly heard: readonly string[];
  readonly contexts: readonly CallContext[];
  readonly summaries: readonly string[];
  readonly steps: NonNullable<ReturnType<typeof foldRun>>['steps'];
  readonly totals: NonNullable<ReturnType<typeof foldRun>>['totals'];
  readonly trace: string;
}

interface Play {
  readonly input: RunInput;
  readonly tools?: readonly Tool[];
  readonly moves: readonly ReturnType<typeof says>[];
  readonly answer?: (tool: string, call: ToolCall) => Promise<ToolResult> | ToolResult;
  readonly sampling?: ReturnType<typeof createSamplingDesk>;
}

async function play(t: TestContext, { input, tools, moves, answer, sampling }: Play): Promise<Played> {
  const offered: (readonly ToolDefinition[])[] = [];
  const heard: string[] = [];
  const contexts: CallContext[] = [];
  const small = smallWorld({
    model: (messages: readonly Message[], _, request) => {
      // Not of the run's own conversation: a server asked.
      if (request.tools.length === 0) return says('the answer of a model');
      offered.push(request.tools);
      heard.push(lastHeard(messages));
      return moves[offered.length - 1] ?? says('done');
    },
    approve: () => ({ allowed: true }),
  });
  t.after(() => small.dispose());
  const environment: RunEnvironment = {
    ...small.environment,
    open: async (run, given, view) => {
      const resources = await small.environment.open(run, given, view);
      return {
        ...resources,
        ...(sampling ? { sampling } : {}),
        tools: {
          ...resources.tools,
          ...(tools ? { catalogue: () => Promise.resolve({ tools, notes: [] }) } : {}),
          call: async (tool, call) => {
            if (call.context) contexts.push(call.context);
            return answer ? answer(tool, call) : resources.tools.call(tool, call);
          },
        },
      };
    },
  };
  const { run, ended } = startRun(environment, input);
  const end = await ended;
  const replayed = await replayRun(small.store, run, () => undefined);
  assert.equal(replayed.verdict, end.status === 'paused' ? 'unfinished' : 'equal', JSON.stringify(replayed));
  const events = small.store.read(run);
  const view = foldRun(events);
  assert.ok(view);
  const first = view.steps.findIndex(({ kind }) => kind === 'chat');
  const steps = view.steps.slice(first);
  return {
    end: end.status,
    story: steps
      .filter(({ kind }) => kind !== 'remember')
      .map(({ kind, name, isError }) => `${kind} ${name}${isError ? ': error' : ''}`),
    offered,
    heard,
    contexts,
    summaries: steps.map((step) => summariseStep(step, (one) => readPayload(small.store.getBlob, one))),
    steps,
    totals: view.totals,
    trace: JSON.stringify(toOtlpJson(events, { includeContent: true, getBlob: small.store.getBlob })),
  };
}

const text = (said: string): ToolResult => ({ content: [{ type: 'text', text: said }], isError: false });

function other(server: string, name: string, description: string, more: Partial<Tool> = {}): Tool {
  return {
    ...{ name: `${server}_${name}`, server, effect: 'change', description, tokens: 100, thirdParty: true },
    inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    ...more,
  };
}

const own: Tool = {
  ...{ name: 'files_read', server: 'files', effect: 'read', description: 'Read.', tokens: 5_000 },
  inputSchema: { type: 'object' },
};
const many = [
  own,
  other('notes', 'add', 'Add a note to the notebook. It is kept.', { tags: ['notes'] }),
  other('notes', 'list', 'List all notes.', { tags: ['notes'] }),
  other('github', 'create_issue', 'Create an issue in a repository.', { tags: ['network'] }),
];
const limited = (catalogueTokens: number, approval: RunInput['approval'] = { '*': 'allow' }): RunInput => ({
  ...inputFor('do it', approval),
  catalogueTokens,
});

test('few tools of other people are given as they are; ours do not count', async (t) => {
  const { offered } = await play(t, { input: limited(300), tools: many, moves: [] });
  assert.deepEqual(
    offered[0]?.map(({ name }) => name),
    ['files_read', 'notes_add', 'notes_list', 'github_create_issue'],
  );
});

test('many of them stand behind two, and a call is the call of the real tool in every respect', async (t) => {
  const { story, offered, heard, steps } = await play(t, {
    input: limited(299, { notes_add: [{ arguments: { text: 'secret*' }, decision: 'deny' }, 'ask'] }),
    tools: many,
    moves: [
      calls('tools_find', { words: 'adding notes' }),
      calls('tools_call', { name: 'notes_add', arguments: { text: 'hello' } }),
      calls('tools_call', { name: 'notes_add', arguments: { text: 'secret plan' } }),
      calls('tools_call', { name: 'notes_gone', arguments: {} }),
      calls('tools_call', { arguments: {} }),
    ],
    answer: (tool, { arguments: args, server }) => text(`${server} ${tool} ${JSON.stringify(args)}`),
  });
  assert.deepEqual(story, [
    'chat code',
    'tool tools_find',
    'chat code',
    'approval notes_add',
    'tool notes_add',
    'chat code',
    'tool notes_add: error',
    'chat code',
    'tool notes_gone: error',
    'chat code',
    'tool tools_call: error',
    'chat code',
  ]);
  assert.deepEqual(
    offered[0]?.map(({ name }) => name),
    ['files_read', 'tools_find', 'tools_call'],
  );
  assert.ok(
    offered.every((one) => JSON.stringify(one) === JSON.stringify(offered[0])),
    'the cache of the prompt holds',
  );
  assert.match(
    offered[0][1]?.description ?? '',
    /notes_add: Add a note to the notebook\.\nnotes_list: List all notes\.\ngithub_create_issue: Create an issue/,
  );
  assert.match(heard[1] ?? '', /^notes_add: Add a note.*\nArguments: \{"type":"object".*\n\nnotes_list/);
  assert.equal(heard[2], 'notes notes_add {"text":"hello"}');
  assert.match(
    heard[3] ?? '',
    /rules do not allow this call of notes_add \("notes_add" with text "secret\*"\)/,
  );
  assert.match(heard[4] ?? '', /There is no tool "notes_gone" for you/);
  assert.match(heard[5] ?? '', /Give tools_call the exact "name"/);
  const notes = steps.flatMap((step) => step.notes.map((note) => `${step.kind} ${step.name}: ${note.text}`));
  assert.ok(notes.includes('approval notes_add: Asked because of the rule "notes_add".'));
  assert.ok(notes.includes('tool notes_add: Refused by the rule "notes_add" with text "secret*".'));
});

test('an agent’s patterns are about the real tools', async (t) => {
  const { offered, heard } = await play(t, {
    input: { ...inputFor('do it', { '*': 'allow' }, { tools: ['notes_*'] }), catalogueTokens: 0 },
    tools: many,
    moves: [
      calls('tools_call', { name: 'github_create_issue', arguments: { text: 'x' } }),
      calls('tools_find', {}),
    ],
  });
  assert.deepEqual(
    offered[0]?.map(({ name }) => name),
    ['tools_find', 'tools_call'],
  );
  assert.match(heard[1] ?? '', /There is no tool "github_create_issue" for you/);
  assert.equal(
    heard[2],
    'notes (notes):\n- notes_add: Add a note to the notebook.\n- notes_list: List all notes.',
  );
});

test('tools are found by words, by name, by server and by tag', async (t) => {
  const questions = [
    { words: 'issues' },
    { names: ['notes_list', 'nope'] },
    { server: 'github' },
    { tag: 'notes', words: 'everything' },
    { server: 'gitlab' },
  ];
  const { heard } = await play(t, {
    input: limited(0),
    tools: many,
    moves: questions.map((question) => calls('tools_find', question)),
  });
  assert.match(heard[1] ?? '', /^github_create_issue: Create/);
  assert.match(heard[2] ?? '', /^There is no tool "nope"\.\n\nnotes_list: List all notes\./);
  assert.equal(heard[3], 'github (network):\n- github_create_issue: Create an issue in a repository.');
  assert.equal(heard[4], 'Nothing matches. Try other words.');
  assert.match(heard[5] ?? '', /^No tool is like that\. Servers: notes, github\. Tags: notes, network\.$/);
});

test('a thousand tools cost what the limit says, and are still found', async (t) => {
  const thousand = Array.from({ length: 1_000 }, (_, i) =>
    other(
      `server${i % 7}`,
      `tool_${i}`,
      `Does the thing number ${i} with great care and attention to detail.`,
    ),
  );
  const needle = other('weather', 'forecast', 'Tell the weather of tomorrow.');
  const { offered, heard } = await play(t, {
    input: limited(2_000),
    tools: [...thousand, needle],
    moves: [calls('tools_find', { words: 'what will the weather be tomorrow' })],
  });
  assert.ok(JSON.stringify(offered[0]).length < 3_000);
  assert.match(offered[0]?.[0]?.description ?? '', /server0 \(143 tools\)/);
  assert.match(heard[1] ?? '', /^weather_forecast/);
});

test('a call knows its run, its step, its trace, and the state of the files', async (t) => {
  const { contexts, trace } = await play(t, {
    input: inputFor('do it'),
    moves: [
      calls('files_read', { path: 'a.txt' }),
      calls('files_append', { path: 'a.txt', text: '!' }),
      calls('files_read', { path: 'a.txt' }),
    ],
  });
  const [first, , third] = contexts;
  assert.deepEqual(
    contexts.map(({ run, step, writes }) => `${run} ${step} ${writes}`),
    ['r-1 6 0', 'r-1 8 0', 'r-1 10 1'],
  );
  assert.notEqual(first?.tree, third?.tree);
  const [, traceId = '', spanId = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(first?.traceparent ?? '') ?? [];
  assert.match(
    trace,
    new RegExp(`"traceId":"${traceId}","spanId":"${spanId}"`),
    'the step’s own span in the export',
  );
});

test('in the user’s own folder no tree stands for the files', async (t) => {
  const { contexts } = await play(t, {
    input: inputFor('do it', { '*': 'allow' }, { isolation: 'workspace' }),
    moves: [calls('files_read', { path: 'a.txt' })],
  });
  assert.equal(contexts[0]?.tree, undefined);
});

test('what is known of a call is recorded with its step, and what it answered as data', async (t) => {
  const connection = { host: 'x.org', port: 443, at: 1, durationMs: 2, sentBytes: 3, receivedBytes: 4 };
  const { steps, summaries, trace } = await play(t, {
    input: inputFor('do it'),
    moves: [calls('files_read', { path: 'a' })],
    answer: (_, { onNote }) => {
      onNote?.('info', 'Cached: it is known.');
      return {
        ...text('said'),
        structured: { n: 1 },
        use: {
          ...{ server: 'files', image: 'sha256:a', cached: true, waitedMs: 1_200 },
          connections: [
            { ...connection, allowed: true },
            { ...connection, host: 'evil.example', allowed: false },
          ],
        },
      };
    },
  });
  const step = steps.find(({ kind }) => kind === 'tool');
  assert.equal(step?.tool?.image, 'sha256:a');
  assert.deepEqual(step.output, {
    inline: { content: [{ type: 'text', text: 'said' }], isError: false, structured: { n: 1 } },
  });
  assert.deepEqual(step.notes, [{ level: 'info', text: 'Cached: it is known.' }]);
  assert.ok(
    summaries.includes('a → said (cached, waited 1.2 s, was not let through to evil.example)'),
    summaries.join('\n'),
  );
  for (const part of [
    '"strata.tool.server","value":{"stringValue":"files"}',
    '"container.image.id","value":{"stringValue":"sha256:a"}',
    '"strata.tool.cached","value":{"boolValue":true}',
    '"strata.tool.connections_refused","value":{"intValue":"1"}',
    '"server.address","value":{"stringValue":"evil.example"}',
  ])
    assert.ok(trace.includes(part), part);
});

const wish: Omit<SamplingRequest, 'context'> = {
  ...{ server: 'mail', maxTokens: 100, modelHints: [] },
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Sum it up.' }] }],
};

test('a server that asks for answers of a model has them out of the run’s budget', async (t) => {
  const desk = createSamplingDesk();
  const answers: string[] = [];
  const { steps, totals } = await play(t, {
    input: inputFor('do it', { '*': 'allow' }, { budget: 0.0035 }),
    sampling: desk,
    moves: [calls('mail_send', { text: 'x' })],
    answer: async (_, { context, signal }) => {
      for (let i = 0; i < 4; i += 1) {
        const answer = await desk.sample({ ...wish, ...(context ? { context } : {}) }, signal);
        answers.push(answer.kind === 'answered' ? `${answer.model}: ${answer.text}` : answer.reason);
      }
      return text('sent');
    },
  });
  // Each call costs 0.001, and the first was the agent's own.
  const said = 'model: the answer of a model';
  assert.deepEqual(answers, [said, said, said, 'The run has spent its budget.']);
  const step = steps.find(({ kind }) => kind === 'tool');
  assert.equal(step?.tool?.sampled?.length, 3);
  assert.deepEqual(
    step.notes.filter(({ text: note }) => note.includes('asked')).map(({ text: note }) => note),
    Array<string>(3).fill('mail asked model for an answer.'),
  );
  assert.equal(totals.calls, 4);
  assert.equal(totals.usd.toFixed(3), '0.004');
  assert.equal(steps.at(-1)?.kind, 'breaker', 'and the breaker heard of it');
});

test('without a run that pays for it a server gets no answer', async () => {
  const desk = createSamplingDesk();
  const { signal } = new AbortController();
  const refused = await desk.sample(wish, signal);
  assert.equal(refused.kind, 'refused');
  const context = { run: 'r-1', step: '1', traceparent: '' };
  const serving = desk.serve(context, () => Promise.resolve({ kind: 'refused', reason: 'mine' }));
  assert.deepEqual(await desk.sample({ ...wish, context }, signal), { kind: 'refused', reason: 'mine' });
  serving.dispose();
  assert.notDeepEqual(await desk.sample({ ...wish, context }, signal), { kind: 'refused', reason: 'mine' });
});
