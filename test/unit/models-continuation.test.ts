import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continueAfter } from '../../extension/src/core/models/continuation.ts';

const STORY = Array.from({ length: 40 }, (_, n) => `Sentence ${n} says that ${n * 37} is a number. `).join(
  '',
);

/** What is shown of a continuation that streams in pieces of this many characters, and the whole answer. */
function goOn(
  partial: string,
  next: string,
  piece: number,
): { readonly shown: string; readonly whole: string } {
  const rest = continueAfter({ messages: [], tools: [] }, partial);
  let shown = partial;
  for (let at = 0; at < next.length; at += piece) shown += rest.push(next.slice(at, at + piece));
  shown += rest.flush();
  const { message } = rest.join({
    message: { role: 'assistant', content: [{ type: 'text', text: next }] },
    stop: 'end',
    model: 'm',
    usage: undefined,
  });
  const [part] = message.content;
  return { shown, whole: part?.type === 'text' ? part.text : '' };
}

/** However it is cut, what is shown and what is kept are the whole answer, once. */
function continues(name: string, partial: string, next: string, expected: string): void {
  test(name, () => {
    for (const piece of [1, 3, 7, 64, 199, 200, 201, 5_000]) {
      const { shown, whole } = goOn(partial, next, piece);
      assert.equal(whole, expected, `in pieces of ${piece}`);
      assert.equal(shown, expected, `in pieces of ${piece}`);
    }
  });
}

continues('the rest alone', STORY.slice(0, 500), STORY.slice(500), STORY);
continues('a few words again', STORY.slice(0, 500), STORY.slice(470), STORY);
continues('much of it again', STORY.slice(0, 900), STORY.slice(300), STORY);
continues('all of it again', STORY.slice(0, 500), STORY, STORY);
continues('all of a short one again', 'Hello, wor', 'Hello, world!', 'Hello, world!');
continues('one word', 'The answer is', ' 42', 'The answer is 42');
continues('nothing more', STORY, '', STORY);
continues('a letter that both share by chance', 'a letter', 'ready to be sent', 'a letterready to be sent');
continues(
  'code that looks like code before it',
  'function a() {\n  return 1;\n}\nfunction b() {\n',
  '  return 1;\n}\nfunction c() {\n  return 3;\n}\n',
  'function a() {\n  return 1;\n}\nfunction b() {\n  return 1;\n}\nfunction c() {\n  return 3;\n}\n',
);

test('another answer from its beginning takes the place of what was there', () => {
  const other = `${STORY.slice(0, 150)}But this time it goes another way. ${'And on. '.repeat(40)}`;
  const { whole } = goOn(STORY.slice(0, 500), other, 50);
  assert.equal(whole, other);
});

test('tool calls stay behind the text', () => {
  const rest = continueAfter({ messages: [], tools: [] }, 'I look. ');
  rest.push('Now.');
  rest.flush();
  const call = { type: 'tool-call', callId: 'c', tool: 't', arguments: {} } as const;
  const { message } = rest.join({
    message: { role: 'assistant', content: [call] },
    stop: 'tool-calls',
    model: 'm',
    usage: undefined,
  });
  assert.deepEqual(message.content, [{ type: 'text', text: 'I look. Now.' }, call]);
});
