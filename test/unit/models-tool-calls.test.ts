import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readToolCalls, type RawToolCall } from '../../extension/src/core/models/index.ts';
import type { Message } from '../../extension/src/protocol/message.ts';

const earlier = (callId: string): Message => ({
  role: 'assistant',
  content: [{ type: 'tool-call', callId, tool: 't', arguments: {} }],
});

const call = (id: string | undefined, args = '{}', name = 'files_read'): RawToolCall => ({
  id,
  name,
  arguments: args,
});

function ids(
  name: string,
  given: readonly (string | undefined)[],
  history: readonly Message[],
  expected: readonly string[],
): void {
  test(name, () => {
    const calls = given.map((id) => call(id));
    assert.deepEqual(
      readToolCalls(calls, history, false).map(({ callId }) => callId),
      expected,
    );
  });
}

ids('ids are kept', ['toolu_1', 'call_x'], [], ['toolu_1', 'call_x']);
ids('missing ids', [undefined, '', undefined], [], ['call_1', 'call_2', 'call_3']);
ids('the same id twice', ['a', 'a', 'a'], [], ['a', 'a_2', 'a_3']);
ids('an id of an earlier turn', ['call_0'], [earlier('call_0'), earlier('call_0_2')], ['call_0_3']);
ids('characters that the other API refuses', ['functions.read:0'], [], ['functions_read_0']);
ids('an id that is too long', ['x'.repeat(50), 'x'.repeat(50)], [], ['x'.repeat(40), `${'x'.repeat(34)}_2`]);

test('no arguments are none', () =>
  assert.deepEqual(readToolCalls([call('a', ' ')], [], false)[0]?.arguments, {}));
test('a tool name that no API takes back is made plain', () =>
  assert.equal(readToolCalls([call('a', '{}', 'files.read')], [], false)[0]?.tool, 'files_read'));

function refused(name: string, raw: RawToolCall, expected: RegExp, cut = false): void {
  test(name, () => assert.throws(() => readToolCalls([raw], [], cut), expected));
}

refused('no JSON', call('a', 'path=a'), /arguments of the tool call “files_read” are no JSON object/);
refused(
  'nested until the stack is full',
  call('a', `{"path":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
  /arguments of the tool call “files_read” are nested more than 100 deep/,
);
refused('half of it', call('a', '{"path": "a'), /cut in half/);
refused('half of it, at the limit', call('a', '{"path": "a'), /cut off by the limit on output tokens/, true);
refused('a list', call('a', '[1]'), /no JSON object/);
refused('null', call('a', 'null'), /no JSON object/);
refused('no name', call('a', '{}', ''), /no tool name/);
