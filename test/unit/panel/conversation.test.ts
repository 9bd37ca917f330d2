import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readConversation, writeConversation } from '../../../extension/src/protocol/conversation.ts';
import type { Message } from '../../../extension/src/protocol/message.ts';

function blobs() {
  const kept = new Map<string, string>();
  const put = (text: string) => {
    const id = createHash('sha256').update(text).digest('hex');
    kept.set(id, text);
    return id;
  };
  const get = (id: string) => {
    const text = kept.get(id);
    if (text === undefined) throw new Error(`no blob ${id}`);
    return text;
  };
  return { kept, put, get };
}
const user = (text: string): Message => ({ role: 'user', content: [{ type: 'text', text }] });
const every: Message[] = [
  { role: 'system', text: 'Be brief.' },
  { role: 'user', content: [{ type: 'image', mimeType: 'image/png', data: 'AA==' }] },
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'hm', signature: 's' },
      { type: 'tool-call', callId: 'c1', tool: 'files_read', arguments: { path: 'a.ts' } },
    ],
  },
  { role: 'tool', callId: 'c1', content: [{ type: 'text', text: 'x' }], isError: false },
];

test('messages come back as they were written, the oldest first', () => {
  const { put, get } = blobs();
  const first = writeConversation(put, null, every);
  const second = writeConversation(put, first, [user('more')]);
  assert.deepEqual(readConversation(get, first), every);
  assert.deepEqual(readConversation(get, second), [...every, user('more')]);
});

test('each of 5,000 additions takes the same room', () => {
  const { kept, put, get } = blobs();
  let id = writeConversation(put, null, [user('00000')]);
  for (let n = 1; n < 5000; n++) id = writeConversation(put, id, [user(String(n).padStart(5, '0'))]);
  const sizes = new Set([...kept.values()].slice(1).map((text) => text.length));
  assert.equal(sizes.size, 1);
  assert.equal(readConversation(get, id).length, 5000);
});

test('equal conversations are one blob', () => {
  const { kept, put } = blobs();
  assert.equal(writeConversation(put, null, [user('a')]), writeConversation(put, null, [user('a')]));
  assert.equal(kept.size, 1);
});

for (const [what, text] of Object.entries({
  'cut JSON': '{"previous":null,"messages":[',
  'no object': '[]',
  null: 'null',
  'no messages': '{"previous":null}',
  'a message without a role': '{"previous":null,"messages":[{"text":"x"}]}',
  'a part of no known type': '{"previous":null,"messages":[{"role":"user","content":[{"type":"virus"}]}]}',
  'a previous that is a number': '{"previous":7,"messages":[]}',
  'a node that is its own past': '{"previous":"id","messages":[]}',
})) {
  test(`damaged: ${what}`, () => {
    assert.throws(() => readConversation(() => text, 'id'), { code: 'conversation-damaged' });
  });
}
