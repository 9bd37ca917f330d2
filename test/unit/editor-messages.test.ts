import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Message } from '../../extension/src/protocol/message.ts';
import { fromEditor } from '../../extension/src/vscode/editor-messages/from-editor.ts';
import type { GivenMessage } from '../../extension/src/vscode/editor-messages/from-editor.ts';
import type { EditorMessage, EditorPart } from '../../extension/src/vscode/editor-messages/parts.ts';
import { keepThinking } from '../../extension/src/vscode/editor-messages/thinking.ts';
import { toEditor } from '../../extension/src/vscode/editor-messages/to-editor.ts';
import { readUsage, usagePart } from '../../extension/src/vscode/editor-messages/usage.ts';

const USER = 1;
const ASSISTANT = 2;
const SYSTEM = 3;

describe('our messages for the editor', () => {
  it('are the same messages when they come back', () => {
    const messages: readonly Message[] = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is on it?' },
          { type: 'image', mimeType: 'image/png', data: 'AQID' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'tool-call', callId: 'c1', tool: 'look', arguments: { at: ['a', 1, null] } },
          { type: 'tool-call', callId: 'c2', tool: 'look', arguments: {} },
        ],
      },
      { role: 'tool', callId: 'c1', isError: false, content: [{ type: 'text', text: 'a boat' }] },
      {
        role: 'tool',
        callId: 'c2',
        isError: true,
        content: [{ type: 'image', mimeType: 'image/jpeg', data: 'BAUG' }],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'A boat.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Thanks.' }] },
    ];
    assert.deepEqual(fromEditor(asGiven(toEditor(messages))), messages);
  });

  it('hold results of one turn in one message', () => {
    const result = (callId: string): Message => ({
      role: 'tool',
      callId,
      isError: false,
      content: [{ type: 'text', text: callId }],
    });
    assert.deepEqual(
      toEditor([result('c1'), result('c2')]).map(({ role, content }) => [role, content.length]),
      [['user', 2]],
    );
  });

  it('have the system’s message as the first of the user, and none that is empty', () => {
    const messages: readonly Message[] = [
      { role: 'system', text: 'Be brief.' },
      { role: 'assistant', content: [{ type: 'reasoning', text: 'hm', signature: 'of somebody else' }] },
      { role: 'user', content: [{ type: 'text', text: 'Go.' }] },
    ];
    assert.deepEqual(toEditor(messages), [
      { role: 'user', content: [{ kind: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ kind: 'text', text: 'Go.' }] },
    ]);
  });

  it('hold thoughts for the models that they came from', () => {
    const thought = { kind: 'thinking', text: 'hm', id: 't1', metadata: { proof: 'x' } } as const;
    assert.deepEqual(toEditor([{ role: 'assistant', content: [keepThinking(thought)] }]), [
      { role: 'assistant', content: [thought] },
    ]);
  });
});

describe('the editor’s messages', () => {
  const cases: readonly (readonly [string, GivenMessage, readonly Message[]])[] = [
    ['a text', { role: USER, content: [{ value: 'hi' }] }, [user('hi')]],
    ['a plain string', { role: USER, content: ['hi'] }, [user('hi')]],
    [
      'the system’s',
      { role: SYSTEM, content: [{ value: 'Be brief.' }] },
      [{ role: 'system', text: 'Be brief.' }],
    ],
    ['nothing', { role: USER, content: [] }, []],
    ['an empty text', { role: ASSISTANT, content: [{ value: '' }] }, []],
    ['JSON', { role: USER, content: [bytes('{"a":1}', 'application/json')] }, [user('{"a":1}')]],
    ['a text file', { role: USER, content: [bytes('# Hi', 'text/markdown')] }, [user('# Hi')]],
    [
      'a document that no model gets',
      { role: USER, content: [bytes('%PDF', 'application/pdf')] },
      [user('[Here was a part of the type application/pdf, which Strata cannot pass on to models.]')],
    ],
    [
      'a mark for another vendor',
      { role: USER, content: [{ value: 'hi' }, bytes('ephemeral', 'cache_control')] },
      [user('hi')],
    ],
    [
      'a part of a later version',
      { role: USER, content: [{ value: 'hi' }, { colour: 'red' }, null] },
      [user('hi')],
    ],
    [
      'thoughts without a proof',
      { role: ASSISTANT, content: [{ value: ['h', 'm'], id: 't1', metadata: undefined }, { value: 'Yes.' }] },
      [
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'hm' },
            { type: 'text', text: 'Yes.' },
          ],
        },
      ],
    ],
    [
      'thoughts of ours',
      { role: ASSISTANT, content: [{ value: 'hm', id: undefined, metadata: { strata: 'proof' } }] },
      [{ role: 'assistant', content: [{ type: 'reasoning', text: 'hm', signature: 'proof' }] }],
    ],
    [
      'a result behind words, and what a prompt was rendered to',
      {
        role: USER,
        content: [
          { value: 'And now?' },
          { callId: 'c1', content: [{ value: 'done' }, { value: { node: 1 } }, { other: true }] },
        ],
      },
      [
        {
          role: 'tool',
          callId: 'c1',
          isError: false,
          content: [
            { type: 'text', text: 'done' },
            { type: 'text', text: '{"node":1}' },
          ],
        },
        user('And now?'),
      ],
    ],
    [
      'a call whose arguments are no data',
      { role: ASSISTANT, content: [{ callId: 'c1', name: 'look', input: circular() }] },
      [{ role: 'assistant', content: [{ type: 'tool-call', callId: 'c1', tool: 'look', arguments: {} }] }],
    ],
  ];
  for (const [name, given, expected] of cases)
    it(name, () => assert.deepEqual(fromEditor([given]), expected));

  it('have what the system says in one message, in front', () => {
    const given = [
      { role: USER, content: ['hi'] },
      { role: SYSTEM, content: ['one'] },
      { role: SYSTEM, content: ['two'] },
    ];
    assert.deepEqual(fromEditor(given), [{ role: 'system', text: 'one\n\ntwo' }, user('hi')]);
  });
});

describe('what a model says it has used', () => {
  it('is read as it was written', () => {
    const usage = { input: 100, output: 20, cacheRead: 60, reasoning: 5 };
    assert.deepEqual(readUsage(usagePart(usage)), usage);
    assert.deepEqual(readUsage(usagePart({ input: 1, output: 2 })), { input: 1, output: 2 });
  });

  const unreadable: readonly (readonly [string, string])[] = [
    ['usage', 'no JSON'],
    ['usage', '{"prompt_tokens":"many"}'],
    ['application/json', '{"prompt_tokens":1,"completion_tokens":1}'],
  ];
  for (const [mimeType, text] of unreadable)
    it(`is estimated for ${mimeType}: ${text}`, () => {
      const part = { kind: 'data', mimeType, data: new TextEncoder().encode(text) } as const;
      assert.equal(readUsage(part), undefined);
    });
});

function user(text: string): Message {
  return { role: 'user', content: [{ type: 'text', text }] };
}

function bytes(text: string, mimeType: string): object {
  return { mimeType, data: new TextEncoder().encode(text) };
}

function circular(): object {
  const value: { self?: object } = {};
  value.self = value;
  return value;
}

/** As the editor's own classes have it. */
function asGiven(messages: readonly EditorMessage[]): readonly GivenMessage[] {
  return messages.map(({ role, content }) => ({
    role: role === 'user' ? USER : ASSISTANT,
    content: content.map(asPart),
  }));
}

function asPart(part: EditorPart): object {
  switch (part.kind) {
    case 'text':
      return { value: part.text };
    case 'data':
      return { mimeType: part.mimeType, data: part.data };
    case 'thinking':
      return { value: part.text, id: part.id, metadata: part.metadata };
    case 'call':
      return { callId: part.callId, name: part.name, input: part.input };
    case 'result':
      return { callId: part.callId, content: part.content.map(asPart), isError: part.isError };
  }
}
