import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventParser } from '../../extension/src/node/providers/event-stream.ts';

/** The events of a stream, each as `name|data`, however the stream is cut: whole, in halves, and character by character. */
function events(name: string, stream: string, expected: readonly string[]): void {
  test(name, () => {
    const cuts = [[stream], [...stream], ...halves(stream)];
    for (const pieces of cuts) {
      const found: string[] = [];
      const parser = createEventParser((event, data) => {
        found.push(`${event}|${data}`);
        return false;
      });
      for (const piece of pieces) parser.push(piece);
      parser.end();
      assert.deepEqual(found, expected, JSON.stringify(pieces));
    }
  });
}

function halves(stream: string): string[][] {
  return Array.from({ length: stream.length + 1 }, (_, at) => [stream.slice(0, at), stream.slice(at)]);
}

events('one event', 'data: a\n\n', ['|a']);
events('a name', 'event: ping\ndata: a\n\ndata: b\n\n', ['ping|a', '|b']);
events('the name may come last', 'data: a\nevent: ping\n\n', ['ping|a']);
events('several lines of data', 'data: a\ndata: b\ndata:\ndata: c\n\n', ['|a\nb\n\nc']);
events('no space after the colon, and two', 'data:a\n\ndata:  b\n\n', ['|a', '| b']);
events('CRLF', 'event: x\r\ndata: a\r\n\r\ndata: b\r\n\r\n', ['x|a', '|b']);
events('CR alone', 'event: x\rdata: a\r\rdata: b\r\r', ['x|a', '|b']);
events('all kinds of line breaks', 'data: a\r\n\ndata: b\r\r\ndata: c\n\r\ndata: d\n\n', [
  '|a',
  '|b',
  '|c',
  '|d',
]);
events('comments', ': one\n\n:two\ndata: a\n: three\n\n: four\n\n', ['|a']);
events('fields that nobody knows', 'id: 7\nretry: 10\nwhat\ndata: a\n\n', ['|a']);
events('a name without data is no event', 'event: x\n\ndata: a\n\n', ['|a']);
events('no empty line at the end', 'data: a\n\ndata: b', ['|a', '|b']);
events('no line break at all', 'data: a', ['|a']);
events('an empty line too many', '\n\n\ndata: a\n\n\n\ndata: b\n\n\n', ['|a', '|b']);
events('nothing', '', []);
events('empty data', 'data:\n\ndata: \n\n', ['|', '|']);
events('colons in the data', 'data: {"a":"b: c"}\n\n', ['|{"a":"b: c"}']);

test('nothing is handed over after the last event', () => {
  const found: string[] = [];
  const parser = createEventParser((_, data) => {
    found.push(data);
    return data === 'end';
  });
  assert.equal(parser.push('data: a\n\ndata: end\n\ndata: b\n\n'), true);
  assert.deepEqual(found, ['a', 'end']);
});

test('an event without an end is given up', () => {
  const parser = createEventParser(() => assert.fail('there is no event'));
  const piece = 'x'.repeat(8 * 1024 * 1024);
  assert.throws(() => {
    parser.push('data: ');
    for (let count = 0; count < 9; count += 1) parser.push(piece);
  }, /an event without an end/);
});
