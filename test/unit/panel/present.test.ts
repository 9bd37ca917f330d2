import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../extension/src/base/json.ts';
import { cutPayload, readPayload } from '../../../extension/src/protocol/payload.ts';
import { present } from '../../../webview/src/present.ts';

/** What a payload is shown as, in one line per section. */
const shown = (value: Json) =>
  present(value).map((section) => {
    switch (section.kind) {
      case 'messages':
        return `messages ${section.messages.map(({ role }) => role).join()}`;
      case 'text':
        return `text ${section.title}: ${section.text}`;
      case 'fields':
        return `fields ${section.title}: ${section.fields.map((pair) => pair.join('=')).join()}`;
      case 'tools':
        return `tools ${section.tools.map(({ name }) => name).join()}`;
      case 'passages':
        return `passages ${section.title}: ${section.passages.map(({ place }) => place).join()}`;
      case 'json':
        return `json ${section.title}: ${JSON.stringify(section.value)}`;
      case 'change':
        return `change ${section.before} -> ${section.after}`;
      case 'images':
        return `images ${section.images.map(({ mimeType, data }) => `${mimeType} ${data}`).join()}`;
    }
  });
const check = (name: string, value: Json, expected: readonly string[]) => {
  test(name, () => {
    assert.deepEqual(shown(value), expected);
  });
};
const user: Json = { role: 'user', content: [{ type: 'text', text: 'hi' }] };

check('an answer', user, ['messages user']);
check('a request', { route: 'code', messages: [user, user], tools: [{ name: 'a', description: 'b' }] }, [
  'fields : Route=code',
  'messages user,user',
  'tools a',
]);
check('a call', { arguments: { path: 'a.ts', text: 'x\ny', deep: { a: 1 } } }, [
  'fields Arguments: path=a.ts',
  'text text: x\ny',
  'json deep: {"a":1}',
]);
check('a result', { content: [{ type: 'text', text: 'out' }], isError: false }, ['text Content: out']);
check('a failed one says so', { content: [{ type: 'text', text: 'out' }], isError: true }, [
  'fields : Is error=true',
  'text Content: out',
]);
check('an image', { content: [{ type: 'image', mimeType: 'image/png', data: 'AAAA' }] }, [
  'images image/png AAAA',
]);
check('an edit is a change', { arguments: { path: 'a.ts', oldText: 'x', newText: 'y' } }, [
  'fields Arguments: path=a.ts',
  'change x -> y',
]);
check('hits', { hits: [{ path: 'a.ts', startLine: 1, endLine: 9, symbol: 'f', text: 'x' }] }, [
  'passages Hits: a.ts:1–9 · f',
]);
check('earlier runs', [{ task: 'Fix', outcome: 'succeeded', answer: 'ok' }], ['passages : Fix · succeeded']);
check('a catalogue', [{ name: 'a', description: 'b', inputSchema: {} }], ['tools a']);
check('nothing', null, []);
check('an empty object', {}, []);
check('what is not known is JSON', { odd: [1, { a: 2 }] }, ['json Odd: [1,{"a":2}]']);
check('a broken message is JSON', { messages: [{ role: 'user', content: 'text' }] }, [
  'json Messages: [{"role":"user","content":"text"}]',
]);

test('a blob that is no JSON is shown as text', () => {
  assert.equal(
    readPayload(() => '{half', { blob: 'x', bytes: 5 }),
    '{half',
  );
});

test('what is cut is said; of a conversation the newest stays', () => {
  const messages = Array.from({ length: 100 }, (_, n) => ({
    role: 'system',
    text: `${String(n)} ${'x'.repeat(100)}`,
  }));
  const { value, cut } = cutPayload({ messages }, 5000);
  const text = JSON.stringify(value);
  assert.ok(cut && text.length < 8000 && text.includes('"99 x') && !text.includes('"0 x'));
  assert.deepEqual(cutPayload({ a: [1, 'b'] }, 5000), { value: { a: [1, 'b'] }, cut: false });
});

test('10,000 levels of nesting do not end the host', () => {
  let deep: Json = 'x';
  for (let level = 0; level < 10_000; level++) deep = [deep];
  assert.equal(cutPayload(deep, 1_000_000).cut, true);
});

const tree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
check(
  'what a node came to: its money as money, its files as a snapshot',
  { outcome: 'succeeded', answer: 'Done:\n\n- a', usd: 0.0123, tree, failures: [] },
  [
    `fields : Outcome=succeeded,Cost=$0.0123,Files=snapshot 4b825dc642cb=${tree},Failures=none`,
    'text Answer: Done:\n\n- a',
  ],
);
check('a cost that is not known is not 0', { outcome: 'failed', usd: 0 }, ['fields : Outcome=failed']);
check('a merge names its snapshots', { base: tree, ours: 'a branch' }, [
  `fields : Base=snapshot 4b825dc642cb=${tree},Ours=a branch`,
]);
