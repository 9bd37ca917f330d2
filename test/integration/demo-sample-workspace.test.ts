import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { createDemoProvider } from '../../extension/src/core/models/demo/demo-provider.ts';
import type { Message, ToolCallPart, ToolMessage } from '../../extension/src/protocol/message.ts';
import { textOf, toolCallsOf } from '../../extension/src/protocol/message.ts';

const SAMPLE = new URL('../../examples/sample-workspace', import.meta.url).pathname;
const TOOLS = ['memory_search', 'files_read', 'files_edit', 'shell_run'];

test('repairs the bug that the sample workspace ships with', async (t) => {
  const { answer, read, turns } = await work(t);
  assert.match(answer, /all 16 tests pass/);
  assert.match(answer, /`src\/discounts\.js:11`/);
  assert.match(await read('src/discounts.js'), /quantity >= from/);
  assert.ok(turns <= 8, `${turns} turns`);
});

const NEIGHBOURS = [
  [
    'the rounding of a tax',
    'src/tax.js',
    'return roundHalfUp(net * taxRate(rateName))',
    'return net * taxRate(rateName)',
  ],
  ['the sign of a discount', 'src/invoice.js', 'gross - discount', 'gross + discount'],
  ['a boundary in the cart', 'src/cart.js', 'left > 0', 'left >= 0'],
  ['the largest quantity', 'src/cart.js', 'total > MAX_QUANTITY', 'total >= MAX_QUANTITY'],
  ['the total of an invoice', 'src/invoice.js', 'net + tax }', 'net - tax }'],
  ['a negated check', 'src/money.js', 'if (!match)', 'if (match)'],
] as const;

for (const [what, path, right, wrong] of NEIGHBOURS) {
  test(`repairs a bug that was moved: ${what}`, async (t) => {
    const { answer, read } = await work(t, async (edit) => {
      await edit('src/discounts.js', 'quantity > from', 'quantity >= from');
      await edit(path, right, wrong);
    });
    assert.match(answer, /all 16 tests pass/, answer);
    assert.ok(!(await read(path)).includes(wrong));
  });
}

test('repairs two bugs, one after the other', async (t) => {
  const { answer } = await work(t, (edit) => edit('src/cart.js', 'left > 0', 'left >= 0'));
  assert.match(answer, /^2 changes made the failing tests pass/);
});

test('says so when all tests pass from the start', async (t) => {
  const { answer, calls } = await work(t, (edit) =>
    edit('src/discounts.js', 'quantity > from', 'quantity >= from'),
  );
  assert.match(answer, /nothing to repair and I changed nothing/);
  assert.ok(!calls.some(({ tool }) => tool === 'files_edit'));
});

test('puts everything back and says so when it cannot repair the bug', async (t) => {
  const broken = (edit: Edit): Promise<void> => edit('src/discounts.js', 'rate: 0.1 }', 'rate: 0.37 }');
  const { answer, read } = await work(t, async (edit) => {
    await edit('src/discounts.js', 'quantity > from', 'quantity >= from');
    await broken(edit);
  });
  assert.match(answer, /could not repair this[\s\S]*none of them made the tests pass/);
  const before = await readFile(join(SAMPLE, 'src/discounts.js'), 'utf8');
  assert.equal(
    await read('src/discounts.js'),
    before.replace('quantity > from', 'quantity >= from').replace('rate: 0.1 }', 'rate: 0.37 }'),
  );
});

type Edit = (path: string, from: string, to: string) => Promise<void>;

/** Lets the demo model work on a copy of the sample workspace, with real files and the real test runner. */
async function work(t: TestContext, prepare?: (edit: Edit) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'strata-demo-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(SAMPLE, folder, { recursive: true });
  const read = (path: string): Promise<string> => readFile(join(folder, path), 'utf8');
  const edit: Edit = async (path, from, to) => {
    const text = await read(path);
    assert.equal(text.split(from).length, 2, `"${from}" stands once in ${path}`);
    await writeFile(
      join(folder, path),
      text.replace(from, () => to),
    );
  };
  await prepare?.(edit);

  const tools: Record<string, (given: Record<string, string>) => Promise<string>> = {
    memory_search: async () => 'README.md:1-20\n# till',
    files_read: ({ path = '' }) => read(path),
    files_edit: ({ path = '', oldText = '', newText = '' }) =>
      edit(path, oldText, newText).then(() => 'Replaced.'),
    shell_run: () => nodeTest(folder),
  };
  const messages: Message[] = [
    { role: 'user', content: [{ type: 'text', text: 'Fix the failing test. Find the cause first.' }] },
  ];
  const calls: ToolCallPart[] = [];
  const provider = createDemoProvider();
  for (let turns = 1; turns <= 50; turns += 1) {
    const { message } = await provider.chat({
      messages,
      tools: TOOLS.map((name) => ({ name, description: '', inputSchema: {} })),
      signal: t.signal,
      onText: () => undefined,
    });
    messages.push(message);
    const asked = toolCallsOf(message);
    if (asked.length === 0) return { answer: textOf(message), read, calls, turns };
    for (const call of asked) {
      calls.push(call);
      const done =
        tools[call.tool]?.(call.arguments as Record<string, string>) ??
        Promise.reject(new Error('no such tool'));
      messages.push(
        await done.then(
          (text) => result(call, text, false),
          (error: unknown) => result(call, String(error), true),
        ),
      );
    }
  }
  throw new Error('The demo model did not come to an end.');
}

function result({ callId }: ToolCallPart, text: string, isError: boolean): ToolMessage {
  return { role: 'tool', callId, content: [{ type: 'text', text }], isError };
}

/** As the shell server words it. */
function nodeTest(folder: string): Promise<string> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--test'], { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve(`exit code ${error ? (error.code ?? 1) : 0}\n--- stdout ---\n${stdout}${stderr}`);
    });
  });
}
