import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatTask, namedAgent } from '../../extension/src/vscode/chat/task.ts';

test('a task of the chat is the prompt and nothing else where nothing came with it', () => {
  assert.equal(chatTask('Fix the test.', [], []), 'Fix the test.');
});

test('files that came with it are named behind the prompt, those that are only open apart', () => {
  const task = chatTask(
    'Fix this.',
    [
      { path: 'src/cart.js', implicit: false, lines: [3, 9] },
      { path: 'README.md', implicit: false },
      { path: 'src/prices.js', implicit: true },
    ],
    [],
  );
  assert.equal(
    task,
    'Fix this.\n\nFiles that come with this:\n- src/cart.js, lines 3 to 9\n- README.md\n\nOpen in the editor:\n- src/prices.js',
  );
});

test('what was said before comes with it, and which changes are not in the files', () => {
  const task = chatTask(
    'And a test for it.',
    [],
    [{ prompt: 'Fix the discount.', answer: 'It is fixed.', unapplied: ['src/cart.js'] }],
  );
  assert.match(
    task,
    /^And a test for it\.\n\nEarlier in this chat:\n\nUser: Fix the discount\.\nAgent: It is fixed\./,
  );
  assert.match(task, /changed src\/cart\.js\. That was not applied, so the files do not have it/);
});

test('of a long chat the last turns come with it, each cut to a length', () => {
  const earlier = Array.from({ length: 9 }, (_, turn) => ({
    ...{ prompt: `Question ${turn}.`, answer: 'x'.repeat(100_000), unapplied: [] },
  }));
  const task = chatTask('And now?', [], earlier);
  assert.ok(task.length < 30_000, String(task.length));
  assert.doesNotMatch(task, /Question 3\./);
  assert.match(task, /Question 8\./);
});

test('the command /agent takes the name first', () => {
  assert.deepEqual(namedAgent(' docs  Describe\nthe API'), { agent: 'docs', prompt: 'Describe\nthe API' });
  assert.equal(namedAgent('docs'), undefined);
  assert.equal(namedAgent(''), undefined);
});
