import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  createWorkingMemory,
  listChangedFiles,
  mergeNotes,
  readNotes,
  summaryText,
} from '../../extension/src/core/memory/working/index.ts';
import type { Message } from '../../extension/src/protocol/message.ts';
import { textOf, toolCallsOf } from '../../extension/src/protocol/message.ts';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const ALPHABET = [
  'word',
  'run();\n',
  '漢字',
  '😀',
  '  ',
  '12345 ',
  '{"a":1},',
  '\n## Facts found\n',
  'Änderung ',
];
const TASK = 'Mend the tests.\n\n## Files changed so far\nas it stands in the task';

interface Told {
  readonly messages: readonly Message[];
  readonly conversation: string;
  readonly report: string;
}

/** A conversation of `turns` turns, generated, and what each request of it was. `check` sees the state at every request. */
function converse(seed: number, turns: number, contextTokens: number) {
  const random = numbers(seed);
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const text = (most: number): string =>
    Array.from({ length: upTo(most) }, () => ALPHABET[upTo(ALPHABET.length - 1)]).join('');
  const bytes: number[] = [];
  const putBlob = (blob: string): string => {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + blob.length;
    return createHash('sha256').update(blob).digest('hex');
  };
  const memory = createWorkingMemory(
    { prompt: 'An agent.', task: TASK, recalled: text(20), tools: [] },
    { contextTokens, putBlob },
  );
  const told: Told[] = [];
  const said: string[] = [];
  const changed = new Map<string, string[]>();
  /** Which files had changed by then. */
  const condensings: { readonly files: readonly string[] }[] = [];
  let calls = 0;

  const condense = (): void => {
    const request = memory.toCondense();
    if (!request) return;
    condensings.push({ files: [...changed.keys()] });
    assert.deepEqual([...request.changed], [...changed]);
    const files = listChangedFiles(request.changed, request.room);
    const notes = mergeNotes(
      request.previous === undefined ? undefined : readNotes(request.previous),
      readNotes(`## Decided\n- ${text(5)}\n## Facts found\n- fact ${condensings.length}: ${text(50)}`),
      request.room / 2,
    );
    const messages = request.before + request.older.length;
    const summary = summaryText({ messages, notes, files, said: request.said });
    memory.condensed({ summary, messages: request.older.length });
  };
  const addTurn = (): void => {
    const ids = Array.from({ length: upTo(4) }, () => `c${(calls += 1)}`);
    const size = random() < 0.1 ? 3_000 : 60;
    memory.add([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: text(20) },
          ...ids.map((callId) => {
            return { type: 'tool-call', callId, tool: 'tool', arguments: { text: text(20) } } as const;
          }),
        ],
      },
      ...ids.map((callId): Message => {
        return {
          role: 'tool',
          callId,
          content: [{ type: 'text', text: text(size) }],
          isError: random() < 0.2,
        };
      }),
    ]);
  };

  for (let n = 0; n < turns; n += 1) {
    bytes.push(0);
    condense();
    const { messages, conversation, report } = memory.request();
    told.push({ messages, conversation, report: JSON.stringify(report) });
    assert.ok(report);
    if (random() < 0.9) memory.measured(Math.round(report.tokens * (0.9 + random() * 0.3)));
    addTurn();
    if (random() < 0.2) {
      const path = `src/${upTo(9)}.ts`;
      memory.changed(`step ${n}`, [path]);
      changed.set(path, [...(changed.get(path) ?? []), `step ${n}`]);
    }
    if (random() < 0.05) {
      const word = `word ${n}: ${text(5)}`;
      said.push(word);
      memory.steer(word);
    }
    if (random() < 0.02) memory.setPrompt(`Another agent ${n}.`);
  }
  return { told, said, changed, condensings, bytes, memory };
}

function checkValid(messages: readonly Message[]): void {
  assert.equal(messages[0]?.role, 'system');
  assert.ok(textOf(messages[1] ?? assert.fail()).startsWith(TASK));
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (index > 0) assert.notEqual(message.role, 'system');
    if (message.role === 'tool') {
      assert.equal(message.callId, open.shift(), 'a result follows its call');
      continue;
    }
    assert.deepEqual(open, [], 'every call has its result before anything else is said');
    if (message.role === 'assistant') open = toolCallsOf(message).map(({ callId }) => callId);
  }
  assert.deepEqual(open, []);
}

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed + 1);

test('whatever is said and condensed, each request is valid and within its budget, and its report adds up', () => {
  let condensings = 0;
  for (const seed of SEEDS) {
    const run = converse(seed, 120, 6_000 + seed * 500);
    condensings += run.condensings.length;
    for (const { messages, report } of run.told) {
      checkValid(messages);
      const { budget, tokens, sections, leftOut } = JSON.parse(report) as {
        budget: number;
        tokens: number;
        sections: { section: string; messages: number; tokens: number }[];
        leftOut: { messages: number };
      };
      assert.equal(
        sections.reduce((sum, section) => sum + section.tokens, 0),
        tokens,
      );
      assert.equal(
        sections.reduce((sum, section) => sum + section.messages, 0),
        messages.length,
      );
      const turns = messages.filter(({ role }) => role === 'assistant').length;
      assert.ok(tokens <= budget || turns <= 2, `seed ${seed}: ${tokens} of ${budget} in ${turns} turns`);
      const summary = messages.map(textOf).find((text) => text.startsWith('[The '));
      assert.equal(summary?.startsWith(`[The ${leftOut.messages} messages`) ?? false, leftOut.messages > 0);
    }
  }
  assert.ok(condensings > 100, `only ${condensings} condensings were tried`);
});

test('the task, the words of the user and the changed files are in every request', () => {
  let files = 0;
  for (const seed of SEEDS) {
    const { memory, said, changed, condensings } = converse(seed, 120, 8_000);
    const all = memory.request().messages.map(textOf).join('\n').replaceAll('\n> ', '\n');
    for (const word of said) assert.ok(all.includes(word), `seed ${seed}: ${word}`);
    const last = condensings.at(-1);
    assert.ok(last);
    for (const path of last.files) assert.ok(all.includes(`- ${path} (step `), `seed ${seed}: ${path}`);
    assert.ok(last.files.every((path) => changed.has(path)));
    files += last.files.length;
  }
  assert.ok(files > 100);
});

test('the same conversation is the same requests and blobs', () => {
  for (const seed of SEEDS.slice(0, 5)) {
    assert.deepEqual(converse(seed, 100, 9_000).told, converse(seed, 100, 9_000).told);
  }
});

test('the log grows as much at the end of a long conversation as at its beginning', () => {
  const { bytes, condensings } = converse(7, 1_200, 20_000);
  const mean = (from: number, to: number): number =>
    bytes.slice(from, to).reduce((sum, size) => sum + size, 0) / (to - from);
  assert.ok(condensings.length > 10);
  const ratio = mean(800, 1_200) / mean(100, 500);
  assert.ok(ratio < 1.2, `${ratio.toFixed(2)} times as much`);
});

test('facts stay word for word from summary to summary while there is room, and the newest when there is not', () => {
  const facts = (...lines: string[]) => readNotes(['## Facts found', ...lines].join('\n'));
  const both = mergeNotes(facts('- a.ts:1 is it'), facts('- b.ts:2 is not'), 1_000);
  assert.deepEqual(both.under['Facts found'], ['- a.ts:1 is it', '- b.ts:2 is not']);
  const many = Array.from({ length: 200 }, (_, i) => `- file${i}.ts:${i} is one`);
  const kept = mergeNotes(facts(...many), facts('- the newest'), 200).under['Facts found'];
  assert.equal(kept.at(-1), '- the newest');
  assert.ok(kept.length < 30);
  assert.deepEqual(kept.slice(0, -1), many.slice(201 - kept.length));
});

test('files are listed with what changed them, and by folder where they are too many', () => {
  const few = new Map([
    ['src/b.ts', ['step 4']],
    ['a.ts', ['step 2', 'step 3', 'step 5', 'step 8', 'step 9', 'step 12']],
    ['odd\n## name', ['step 3']],
  ]);
  assert.equal(
    listChangedFiles(few, 1_000),
    ['- a.ts (step 2, …, step 8, step 9, step 12)', '- "odd\\n## name" (step 3)', '- src/b.ts (step 4)'].join(
      '\n',
    ),
  );
  const many = new Map(
    Array.from({ length: 500 }, (_, i) => [`src/gen/part${i % 2}/${i}.ts`, ['step 7']] as const),
  );
  assert.equal(
    listChangedFiles(new Map<string, readonly string[]>([...many, ['readme.md', ['step 1']]]), 100),
    [
      '- ./src/gen/part0/: 250 files (step 7)',
      '- ./src/gen/part1/: 250 files (step 7)',
      '- readme.md (step 1)',
    ].join('\n'),
  );
  assert.equal(listChangedFiles(new Map(), 100), '');
});
