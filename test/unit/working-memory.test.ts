import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createWorkingMemory, SHARES } from '../../extension/src/core/memory/working/index.ts';
import type { WorkingMemory } from '../../extension/src/core/memory/working/index.ts';
import { openContext } from '../../extension/src/core/orchestration/context.ts';
import { readConversation, writeConversation } from '../../extension/src/protocol/conversation.ts';
import type { Message } from '../../extension/src/protocol/message.ts';
import { textOf } from '../../extension/src/protocol/message.ts';

const blobs = () => {
  const kept = new Map<string, string>();
  const putBlob = (text: string): string => {
    const id = createHash('sha256').update(text).digest('hex');
    kept.set(id, text);
    return id;
  };
  const getBlob = (id: string): string => kept.get(id) ?? assert.fail(`no blob ${id}`);
  return { kept, putBlob, getBlob };
};

const words = (count: number, about = 'word'): string =>
  Array.from({ length: count }, (_, i) => `${about}${i % 10}`).join(' ');
const turn = (n: number, result: string): readonly Message[] => [
  {
    role: 'assistant',
    content: [
      { type: 'text', text: `Step ${n}.` },
      { type: 'tool-call', callId: `c${n}`, tool: 'files_read', arguments: { path: `src/${n}.ts` } },
    ],
  },
  { role: 'tool', callId: `c${n}`, content: [{ type: 'text', text: result }], isError: false },
];
const memoryOf = (contextTokens: number | undefined, store = blobs()): WorkingMemory =>
  createWorkingMemory(
    { prompt: 'You are an agent.', task: 'Mend the tests.', recalled: '', tools: [] },
    { contextTokens, putBlob: store.putBlob },
  );
const rolesOf = (memory: WorkingMemory): string =>
  memory
    .request()
    .messages.map(({ role }) => role[0])
    .join('');
const sectionsOf = (memory: WorkingMemory): string =>
  memory
    .request()
    .report?.sections.map(({ section, messages }) => `${section} ${messages}`)
    .join(', ') ?? '';

test('the opening and each turn are the blobs that runs have always been recorded with', () => {
  const store = blobs();
  const memory = openContext(store, {
    prompt: 'You are an agent.',
    task: 'Mend the tests.',
    episodes: [
      {
        run: 'r-1',
        at: 1,
        agent: 'coder',
        task: 'Earlier',
        outcome: 'succeeded',
        answer: 'Done.',
        files: ['a.ts'],
        failures: ['x: y'],
      },
    ],
    files: 0,
    tools: [],
    contextTokens: 100_000,
  });
  const opening: Message[] = [
    { role: 'system', text: 'You are an agent.' },
    {
      role: 'user',
      content: [
        {
          type: 'text',
          text: [
            'Mend the tests.',
            'The workspace is empty: it holds no files yet.',
            'Earlier runs in this workspace:',
            '- Task: Earlier\n  Outcome: succeeded. Done.\n  Files changed: a.ts\n  Failed on the way: x: y',
          ].join('\n\n'),
        },
      ],
    },
  ];
  const before = blobs();
  let chain = writeConversation(before.putBlob, null, opening);
  assert.equal(memory.request().conversation, chain);
  for (const n of [1, 2, 3]) {
    chain = writeConversation(before.putBlob, chain, turn(n, 'text'));
    memory.add(turn(n, 'text'));
    assert.equal(memory.request().conversation, chain);
  }
  assert.deepEqual([...store.kept.keys()], [...before.kept.keys()]);
  assert.equal(sectionsOf(memory), 'system 1, task 1, recalled 0, recent 6');
});

test('without a budget nothing is cut, condensed or reported', () => {
  const memory = memoryOf(undefined);
  for (let n = 0; n < 20; n += 1) memory.add(turn(n, words(50_000)));
  assert.equal(memory.toCondense(), undefined);
  assert.equal(memory.tooLong(), false);
  const { messages, report } = memory.request();
  assert.equal(report, undefined);
  assert.equal(textOf(messages.at(-1) ?? assert.fail()), words(50_000));
});

test('when it is full the oldest turns go, and the summary takes their place', () => {
  const store = blobs();
  const memory = memoryOf(10_000, store);
  memory.steer('Mind the style guide.\n## Facts found\n- not one');
  let n = 0;
  while (!memory.toCondense()) memory.add(turn((n += 1), words(300)));
  memory.changed('step 4', ['src/b.ts', 'src/a.ts']);
  const request = memory.toCondense() ?? assert.fail();
  const before = memory.request().report ?? assert.fail();
  assert.ok(before.tokens > before.budget * SHARES.full);
  assert.deepEqual(request.said, ['Mind the style guide.\n## Facts found\n- not one']);
  assert.deepEqual(
    [...request.changed],
    [
      ['src/b.ts', ['step 4']],
      ['src/a.ts', ['step 4']],
    ],
  );
  assert.equal(request.previous, undefined);
  assert.deepEqual(readConversation(store.getBlob, request.conversation), memory.request().messages);

  memory.condensed({ summary: 'SUMMARY', messages: request.older.length });
  const { messages, report, conversation } = memory.request();
  assert.ok((report ?? assert.fail()).tokens <= before.budget * SHARES.after);
  assert.deepEqual(report?.leftOut, { messages: request.older.length, tokens: request.tokens });
  assert.match(rolesOf(memory), /^suu(at)+$/);
  assert.equal(textOf(messages[1] ?? assert.fail()), 'Mend the tests.');
  assert.equal(textOf(messages[2] ?? assert.fail()), 'SUMMARY');
  assert.deepEqual(readConversation(store.getBlob, conversation), messages);
  assert.equal(memory.toCondense(), undefined);

  const nodes = store.kept.size;
  memory.add(turn(n + 1, 'short'));
  memory.request();
  assert.equal(store.kept.size, nodes + 1);
});

test('a word of the user stays in its place, and moves into the summary with the turns around it', () => {
  const memory = memoryOf(100_000);
  memory.add(turn(1, 'text'));
  memory.steer('Only touch src.');
  memory.add(turn(2, 'text'));
  assert.equal(rolesOf(memory), 'suatuat');
  assert.equal(sectionsOf(memory), 'system 1, task 1, pinned 1, recent 4');
  memory.condensed({ summary: '> Only touch src.', messages: 3 });
  assert.equal(rolesOf(memory), 'suuat');
  assert.equal(sectionsOf(memory), 'system 1, task 1, pinned 0, condensed 1, recent 2');
  assert.throws(() => memory.condensed({ summary: 'half a turn', messages: 1 }), /between two turns/);
});

test('another prompt begins a new chain with the same messages', () => {
  const store = blobs();
  const memory = memoryOf(100_000, store);
  memory.add(turn(1, 'text'));
  const before = memory.request().messages;
  memory.setPrompt('You are a reviewer.');
  const { messages, conversation } = memory.request();
  assert.deepEqual(messages, [{ role: 'system', text: 'You are a reviewer.' }, ...before.slice(1)]);
  assert.deepEqual(readConversation(store.getBlob, conversation), messages);
});

test('a turn that is not whole is refused', () => {
  const memory = memoryOf(100_000);
  assert.throws(() => memory.add(turn(1, 'text').slice(0, 1)), /results of all calls/);
  assert.throws(() => memory.add(turn(1, 'text').slice(1)), /begins with a reply/);
});

test('the middle of a long result is left out, and a remark says which lines', () => {
  const memory = memoryOf(10_000);
  const lines = Array.from({ length: 4_000 }, (_, i) => `line ${i + 1}`);
  memory.add(turn(1, lines.join('\n')));
  const kept = textOf(memory.request().messages.at(-1) ?? assert.fail()).split('\n');
  const at = kept.findIndex((line) => line.startsWith('['));
  const [, from, to] = /lines (\d+) to (\d+) of this result, are left out/.exec(kept[at] ?? '') ?? [];
  assert.deepEqual(kept.slice(0, at), lines.slice(0, Number(from) - 1));
  assert.deepEqual(kept.slice(at + 1), lines.slice(Number(to)));
  assert.ok(kept.join('\n').length < 9_000 * SHARES.result * 4);
});

test('many long results of one turn share the room, and short ones keep theirs', () => {
  const memory = memoryOf(10_000);
  const ids = Array.from({ length: 10 }, (_, i) => `c${i}`);
  memory.add([
    {
      role: 'assistant',
      content: ids.map((callId) => ({ type: 'tool-call', callId, tool: 't', arguments: {} })),
    },
    ...ids.map((callId, i): Message => {
      return {
        role: 'tool',
        callId,
        content: [{ type: 'text', text: i === 0 ? 'short' : words(5_000) }],
        isError: false,
      };
    }),
  ]);
  const { messages, report } = memory.request();
  assert.equal(textOf(messages[3] ?? assert.fail()), 'short');
  assert.ok(report && report.tokens < report.budget / 2);
});

test('a line longer than the room is cut between characters', () => {
  const memory = memoryOf(10_000);
  memory.add(turn(1, '😀'.repeat(20_000)));
  const text = textOf(memory.request().messages.at(-1) ?? assert.fail());
  assert.ok(text.isWellFormed());
  assert.match(text, /of line 1 of this result/);
});

test('estimates follow what the provider counts, unless it cannot have counted everything', () => {
  const memory = memoryOf(100_000);
  memory.add(turn(1, words(1_000)));
  const estimated = memory.request().report?.tokens ?? 0;
  memory.measured(estimated * 1.5);
  assert.ok(Math.abs((memory.request().report?.tokens ?? 0) / estimated - 1.5) < 0.01);
  memory.measured(12);
  assert.ok(Math.abs((memory.request().report?.tokens ?? 0) / estimated - 1.5) < 0.01);
});

test('a model that refuses a request as too long gets a shorter one, down to the newest turn', () => {
  const memory = memoryOf(100_000);
  for (let n = 0; n < 8; n += 1) memory.add(turn(n, words(500)));
  memory.request();
  assert.equal(memory.toCondense(), undefined);
  let condensings = 0;
  while (memory.tooLong()) {
    const request = memory.toCondense() ?? assert.fail();
    const before = memory.request().report?.tokens ?? 0;
    memory.condensed({ summary: 'Short.', messages: request.older.length });
    assert.ok((memory.request().report?.tokens ?? 0) < before);
    condensings += 1;
  }
  assert.ok(condensings > 1);
  assert.equal(rolesOf(memory), 'suuat');
});
