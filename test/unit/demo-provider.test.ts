import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isModelError } from '../../extension/src/core/models/index.ts';
import { createDemoProvider } from '../../extension/src/core/models/demo/demo-provider.ts';
import type { Message, ToolCallPart } from '../../extension/src/protocol/message.ts';
import { textOf, toolCallsOf } from '../../extension/src/protocol/message.ts';

const MANIFEST = '{ "type": "module", "scripts": { "test": "node --test" } }';
const PAGES = `/** Pages that are needed for so many items. */
export function pageCount(items, size) {
  return Math.floor(items / size);
}

export function isLastPage(page, items, size) {
  return page > pageCount(items, size);
}
`;
const PAGES_TEST = `import { isLastPage } from '../src/pages.js';

test('the page with the last item is the last one', () => {
  assert.equal(isLastPage(3, 30, 10), true);
});
`;
const SHOP = { 'package.json': MANIFEST, 'src/pages.js': PAGES, 'test/pages.test.js': PAGES_TEST };
const ALL = ['memory_search', 'files_read', 'files_edit', 'shell_run'];

test('a whole repair reads like a transcript', async () => {
  const { transcript } = await work({ files: SHOP, passesWith: 'page >= pageCount' });
  assert.deepEqual(transcript, [
    'memory_search page',
    'files_read package.json',
    'shell_run npm test → exit code 1',
    'files_read test/pages.test.js',
    'files_read src/pages.js',
    'files_edit src/pages.js `return page > pageCount(items, size);` → `return page >= pageCount(items, size);`',
    'shell_run npm test → exit code 0',
    'One change made the failing tests pass:',
    '- `src/pages.js:7`: `return page > pageCount(items, size);` became `return page >= pageCount(items, size);`',
    'I ran the tests again after the change: all 4 tests pass. Review the diff before you apply it.',
  ]);
});

test('the same conversation always gets the same answer', async () => {
  const first = await work({ files: SHOP, passesWith: 'page >= pageCount' });
  const second = await work({ files: SHOP, passesWith: 'page >= pageCount' });
  assert.deepEqual(first.messages, second.messages);
});

test('a bug in the function that the tested one calls is found by trying, and wrong tries are taken back', async () => {
  const { transcript, files } = await work({ files: SHOP, passesWith: 'Math.round(items' });
  assert.equal(files.get('src/pages.js'), PAGES.replace('Math.floor', 'Math.round'));
  assert.match(transcript.join('\n'), /→ `return page > pageCount\(items, size\);`/, 'undone');
});

test('tests that pass already: nothing is changed', async () => {
  const { answer, transcript } = await work({ files: SHOP, passesWith: 'export' });
  assert.match(answer, /all 4 tests pass, so there was nothing to repair and I changed nothing/);
  assert.ok(!transcript.some((line) => line.startsWith('files_edit')));
});

test('a bug that no small repair fits: everything is put back, and it says so', async () => {
  const { answer, files } = await work({ files: SHOP, passesWith: 'no such text' });
  assert.match(
    answer,
    /^The tests still fail: “the page with the last item is the last one”. I could not repair this\./,
  );
  assert.match(answer, /I took each one back/);
  assert.deepEqual(Object.fromEntries(files), SHOP);
});

test('a code file without any line to repair', async () => {
  const { answer } = await work({
    files: { ...SHOP, 'src/pages.js': "export { isLastPage } from 'pages';\n" },
  });
  assert.match(answer, /I found no line that one of my small repairs would fit/);
});

test('refused to edit: it says so and claims nothing', async () => {
  const { answer, files } = await work({ files: SHOP, refuse: ['files_edit'] });
  assert.match(answer, /The change was refused: The user refused this call\./);
  assert.deepEqual(Object.fromEntries(files), SHOP);
});

test('refused to run commands: it says so and changes nothing', async () => {
  const { answer, transcript } = await work({ files: SHOP, refuse: ['shell_run'] });
  assert.match(answer, /^I could not run the tests \(`npm test`\), so I changed nothing\./);
  assert.ok(!transcript.some((line) => line.startsWith('files_edit')));
});

test('memory that fails, or a file that may not be read, does not stop the repair', async () => {
  const { answer } = await work({ files: SHOP, refuse: ['memory_search'], passesWith: 'page >= pageCount' });
  assert.match(answer, /all 4 tests pass/);
});

test('commands that fail in the middle of a repair: it says what is left in the files', async () => {
  const { answer } = await work({ files: SHOP, passesWith: 'no such text', runs: 1 });
  assert.match(answer, /The tests could not be run again: The container is gone\./);
  assert.match(answer, /A trial change is still in src\/pages\.js; the tests have not judged it\./);
});

test('without npm, the test script is run itself', async () => {
  const { transcript, answer } = await work({
    files: SHOP,
    passesWith: 'page >= pageCount',
    withoutNpm: true,
  });
  assert.ok(transcript.includes('shell_run node --test → exit code 1'), transcript.join('\n'));
  assert.match(answer, /all 4 tests pass/);
});

const OUTPUTS = [
  [
    'TAP',
    "TAP version 13\n# Subtest: the page with the last item is the last one\nnot ok 1 - the page with the last item is the last one\n  ---\n  location: '/workspace/test/pages.test.js:3:1'\n  error: 'false !== true'\n  ...\n1..1\n# tests 4\n# pass 3\n# fail 1\n",
  ],
  [
    'a stack trace alone',
    'Error: expected true, got false\n    at check (/workspace/test/pages.test.js:4:10)\n    at node:internal/main/run_main:36:49\n',
  ],
  [
    'vitest',
    ' FAIL  test/pages.test.js > the page with the last item\nAssertionError: expected false to be true\n ❯ test/pages.test.js:4:34\n',
  ],
] as const;

for (const [what, output] of OUTPUTS) {
  test(`reads other shapes of test output: ${what}`, async () => {
    const { files } = await work({ files: SHOP, passesWith: 'page >= pageCount', failure: output });
    assert.match(files.get('src/pages.js') ?? '', /page >= pageCount/);
  });
}

test('a runner that names no file: the script says where to begin', async () => {
  const files = { ...SHOP, 'package.json': '{ "scripts": { "test": "node ./test/pages.test.js" } }' };
  const done = await work({ files, passesWith: 'page >= pageCount', failure: 'FAIL: 1 of 4\n' });
  assert.match(done.files.get('src/pages.js') ?? '', /page >= pageCount/);
});

test('output that says neither passed nor failed: it does not guess', async () => {
  const { answer } = await work({ files: SHOP, failure: 'hello', headline: '' });
  assert.match(answer, /I cannot tell from the output whether they pass, so I changed nothing\./);
});

test('a workspace without tests: it answers with places instead', async () => {
  const { answer, transcript } = await work({
    files: { 'src/pages.js': PAGES },
    task: 'Where is the page count?',
  });
  assert.match(answer, /`src\/pages\.js:2`: `export function pageCount\(items, size\) \{`/);
  assert.ok(!transcript.some((line) => line.startsWith('shell_run')));
});

test('read-only: it searches, reads and quotes, and runs nothing', async () => {
  const { answer, transcript } = await work({
    files: SHOP,
    task: 'How are pages counted?',
    tools: ['memory_search', 'files_read'],
  });
  assert.deepEqual(
    transcript.filter((line) => /^(?:memory|files|shell)_/.test(line)),
    ['memory_search pages counted', 'files_read src/pages.js', 'files_read test/pages.test.js'],
  );
  assert.match(answer, /`src\/pages\.js:2`[\s\S]*offline demo model/);
});

test('memory only: it gives the places and says that it has not read them', async () => {
  const { answer } = await work({ files: SHOP, task: 'pages', tools: ['memory_search'] });
  assert.match(answer, /I have not read them:\n\n- `src\/pages\.js:1`/);
});

test('without memory it searches the files', async () => {
  const { transcript } = await work({
    files: SHOP,
    task: 'pageCount',
    tools: ['files_search', 'files_read'],
  });
  assert.deepEqual(transcript.slice(0, 2), ['files_search pagecount|page|count', 'files_read src/pages.js']);
});

test('nothing found', async () => {
  const { answer } = await work({
    files: SHOP,
    task: 'Zebra?',
    tools: ['memory_search', 'files_read', 'files_search'],
  });
  assert.match(answer, /^I found nothing in the workspace that shares words with the task\./);
});

for (const tools of [[], ['weather_today', 'browser_open']]) {
  test(`tools that it does not know (${tools.length}): it says that it can see nothing`, async () => {
    const { answer, transcript } = await work({ files: SHOP, tools });
    assert.match(answer, /was given no tool to look at the workspace with/);
    assert.equal(transcript.filter((line) => /^(?:weather|browser)_/.test(line)).length, 0);
  });
}

test('what the host says about earlier runs is no part of the task', async () => {
  const { transcript } = await work({
    files: SHOP,
    task: 'Fix pages\n\nEarlier runs in this workspace:\n\n- Task: zebra',
  });
  assert.equal(transcript[0], 'memory_search pages');
});

test('text streams in small pieces that add up, and usage counts characters', async () => {
  const pieces: string[] = [];
  const { message, usage, model, stop } = await ask([], { onText: (text) => pieces.push(text) });
  assert.equal(pieces.join(''), textOf(message));
  assert.ok(pieces.length > 5);
  assert.equal(model, 'strata-demo');
  assert.equal(stop, 'end');
  assert.ok(usage && usage.input > 0 && usage.output > pieces.join('').length / 8);
});

test('an aborted call throws a cancelled ModelError, also in the middle of the stream', async () => {
  const cancelled = (error: unknown): boolean => isModelError(error) && error.kind === 'cancelled';
  await assert.rejects(ask([], { signal: AbortSignal.abort() }), cancelled);
  const controller = new AbortController();
  await assert.rejects(ask([], { signal: controller.signal, onText: () => controller.abort() }), cancelled);
});

test('garbage in the conversation does not upset it', async () => {
  const call = {
    type: 'tool-call',
    callId: 'x',
    tool: 'files_edit',
    arguments: { path: 7, oldText: null },
  } as const;
  const reply = await ask(
    [
      { role: 'assistant', content: [call] },
      {
        role: 'tool',
        callId: 'x',
        content: [{ type: 'image', mimeType: 'image/png', data: '' }],
        isError: false,
      },
      { role: 'tool', callId: 'unasked', content: [], isError: true },
      { role: 'assistant', content: [{ ...call, callId: 'unanswered', tool: 'shell_run' }] },
    ],
    { tools: ALL },
  );
  assert.equal(reply.stop, 'tool-calls');
});

function ask(
  messages: readonly Message[],
  options: { signal?: AbortSignal; onText?: (text: string) => void; tools?: readonly string[] },
) {
  return createDemoProvider().chat({
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Fix it' }] }, ...messages],
    tools: (options.tools ?? []).map((name) => ({ name, description: '', inputSchema: {} })),
    signal: options.signal ?? new AbortController().signal,
    onText: options.onText ?? (() => undefined),
  });
}

interface World {
  readonly files: Readonly<Record<string, string>>;
  /** The tests pass when `src/pages.js` holds this text. */
  readonly passesWith?: string;
  readonly task?: string;
  readonly tools?: readonly string[];
  readonly refuse?: readonly string[];
  /** What the test command prints when it fails, and the first line of the result. */
  readonly failure?: string;
  readonly headline?: string;
  readonly withoutNpm?: boolean;
  /** After so many runs the container is gone. */
  readonly runs?: number;
}

/** Lets the demo model work in a world of a Map, until it answers. */
async function work(world: World) {
  const files = new Map(Object.entries(world.files));
  let runs = 0;
  const readFile = (path: string): string => {
    const text = files.get(path);
    if (text === undefined) throw new Error(`"${path}" does not exist.`);
    return text;
  };
  const runTests = (command: string): string => {
    if (runs++ >= (world.runs ?? Infinity)) throw new Error('The container is gone.');
    if (world.withoutNpm && command.startsWith('npm'))
      return 'exit code 127\n--- stderr ---\n/bin/sh: 1: npm: not found';
    const passes = world.passesWith !== undefined && readFile('src/pages.js').includes(world.passesWith);
    if (passes) return 'exit code 0\n--- stdout ---\nℹ tests 4\nℹ pass 4\nℹ fail 0\n';
    return `${world.headline ?? 'exit code 1\n--- stdout ---\n'}${world.failure ?? SPEC}`;
  };
  const tools: Record<string, (given: Record<string, string>) => string> = {
    memory_search: ({ query = '' }) =>
      find(files, query.split(' '), (path) => `${path}:1-9 x`) || 'Nothing in the workspace matches.',
    files_search: ({ pattern = '' }) =>
      find(files, pattern.split('|'), (path) => `${path}:2: text`) || 'Nothing matches.',
    files_read: ({ path = '' }) => readFile(path),
    files_edit: ({ path = '', oldText = '', newText = '' }) => {
      const pieces = readFile(path).split(oldText);
      if (pieces.length !== 2) throw new Error(`\`oldText\` occurs ${pieces.length - 1} times in "${path}".`);
      files.set(path, pieces.join(newText));
      return 'Replaced.';
    },
    shell_run: ({ command = '' }) => runTests(command),
  };

  const provider = createDemoProvider();
  const messages: Message[] = [
    { role: 'system', text: 'You are an engineer.' },
    {
      role: 'user',
      content: [{ type: 'text', text: world.task ?? 'Fix the failing tests of the page code.' }],
    },
  ];
  const transcript: string[] = [];
  for (let turn = 0; turn < 50; turn += 1) {
    const { message } = await provider.chat({
      messages,
      tools: (world.tools ?? ALL).map((name) => ({ name, description: '', inputSchema: {} })),
      signal: new AbortController().signal,
      onText: () => undefined,
    });
    messages.push(message);
    const calls = toolCallsOf(message);
    if (calls.length === 0) {
      const answer = textOf(message);
      transcript.push(...answer.split('\n').filter((line) => line !== ''));
      return { answer, transcript, files, messages };
    }
    for (const call of calls) {
      const refused = world.refuse?.includes(call.tool) ?? false;
      const { text, isError } = refused
        ? { text: 'The user refused this call. Go on another way.', isError: true }
        : attempt(() => tools[call.tool]?.(call.arguments as Record<string, string>) ?? '');
      transcript.push(lineFor(call, text));
      messages.push({ role: 'tool', callId: call.callId, content: [{ type: 'text', text }], isError });
    }
  }
  throw new Error('The demo model did not come to an end.');
}

const SPEC = `✔ another one (1.2ms)
ℹ tests 4
ℹ pass 3
ℹ fail 1

✖ failing tests:

test at test/pages.test.js:3:1
✖ the page with the last item is the last one (1.4ms)
  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:
  false !== true
      at TestContext.<anonymous> (file:///workspace/test/pages.test.js:4:10)
      at Test.run (node:internal/test_runner/test:1402:25)
`;

function find(
  files: ReadonlyMap<string, string>,
  words: readonly string[],
  show: (path: string) => string,
): string {
  const found = [...files].filter(([path, text]) =>
    words.some((word) => `${path} ${text}`.toLowerCase().includes(word)),
  );
  return found.map(([path]) => `${show(path)}\n…`).join('\n\n');
}

function attempt(execute: () => string): { text: string; isError: boolean } {
  try {
    return { text: execute(), isError: false };
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), isError: true };
  }
}

function lineFor({ tool, arguments: given }: ToolCallPart, result: string): string {
  const show = (name: string): string => {
    const value = given[name];
    return typeof value === 'string' ? value.trim() : '';
  };
  if (tool === 'files_edit') return `${tool} ${show('path')} \`${show('oldText')}\` → \`${show('newText')}\``;
  if (tool === 'shell_run') return `${tool} ${show('command')} → ${result.split('\n')[0]}`;
  return `${tool} ${show('query') || show('path') || show('pattern')}`;
}
