import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import {
  encodeCredit,
  encodeFrame,
  kinds,
  windowBytes,
} from '../../extension/src/node/docker/egress/frames.ts';
import { Multiplexer } from '../../extension/src/node/docker/egress/multiplexer.ts';

/** Two ends, joined in memory; each piece that is sent arrives cut at an odd place. */
function pair(maxConnections = 8) {
  const opened: Duplex[] = [];
  let sentBytes = 0;
  const later = (take: (bytes: Buffer) => void) => (bytes: Buffer) => {
    sentBytes += bytes.length;
    const cut = bytes.length > 4 ? 3 : 1;
    queueMicrotask(() => {
      take(bytes.subarray(0, cut));
      take(bytes.subarray(cut));
    });
  };
  const inside: Multiplexer = new Multiplexer({
    send: later((bytes) => host.receive(bytes)),
    maxConnections,
  });
  const host: Multiplexer = new Multiplexer({
    send: later((bytes) => inside.receive(bytes)),
    onOpen: (connection) => void opened.push(connection),
    maxConnections,
  });
  return { inside, host, opened, sentBytes: () => sentBytes };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await turn();
}

/** Without iterating, which would break off the other direction at the end of this one. */
async function textOf(stream: Duplex): Promise<string> {
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(stream, 'end');
  return text;
}

test('connections go both ways at once, and are forgotten when both sides have ended', async () => {
  const { inside, host, opened } = pair();
  const [one, two] = [inside.open(), inside.open()];
  one.end('to the host');
  two.end('and this');
  await settle();
  opened[0]?.end('back to one');
  opened[1]?.end('x'.repeat(1_000_000));
  const [first, second] = opened;
  assert.ok(first && second);
  assert.deepEqual(await Promise.all([textOf(first), textOf(second)]), ['to the host', 'and this']);
  assert.equal(await textOf(one), 'back to one');
  assert.equal((await textOf(two)).length, 1_000_000);
  await settle();
  assert.deepEqual([inside.size, host.size], [0, 0]);
});

test('a reader that stalls holds up nobody else, and no more than its window is held for it', async () => {
  const { inside, opened, sentBytes } = pair();
  const stalled = inside.open();
  stalled.write(Buffer.alloc(10_000_000));
  await settle();
  const held = sentBytes();
  assert.ok(held < windowBytes * 1.1, `${held} bytes were sent to a reader that reads nothing`);
  const other = inside.open();
  other.end('goes through');
  await settle();
  assert.equal(opened[1] && (await textOf(opened[1])), 'goes through');
  let read = 0;
  opened[0]?.on('data', (chunk: Buffer) => (read += chunk.length));
  for (let i = 0; i < 2000 && read < 10_000_000; i += 1) await turn();
  assert.equal(read, 10_000_000);
});

test('a break on one side is one on the other', async () => {
  const { inside, host, opened } = pair();
  const connection = inside.open();
  await settle();
  opened[0]?.destroy();
  await settle();
  assert.equal(connection.destroyed, true);
  assert.deepEqual([inside.size, host.size], [0, 0]);
});

test('what breaks the rules is thrown at whoever receives it', () => {
  const open = encodeFrame(kinds.open, 1);
  const rules: Readonly<Record<string, readonly Buffer[]>> = {
    'no frame at all': [Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    'a kind that there is not': [Buffer.from('090000000100000000', 'hex')],
    'a frame that is too long': [Buffer.from('0300000001ffffffff', 'hex')],
    'a connection that is open already': [open, open],
    'too many connections': Array.from({ length: 9 }, (_, i) => encodeFrame(kinds.open, i + 1)),
    'more than the window': [
      open,
      ...Array.from({ length: 5 }, () => encodeFrame(kinds.data, 1, Buffer.alloc(65_536))),
    ],
    'more after the end': [open, encodeFrame(kinds.end, 1), encodeFrame(kinds.data, 1, Buffer.from('x'))],
  };
  for (const [name, frames] of Object.entries(rules)) {
    const host = new Multiplexer({ send: () => undefined, onOpen: () => undefined, maxConnections: 8 });
    assert.throws(() => frames.forEach((frame) => host.receive(frame)), Error, name);
  }
  const inside = new Multiplexer({ send: () => undefined, maxConnections: 8 });
  assert.throws(() => inside.receive(open), /may not be/);
  inside.receive(encodeCredit(7, 100)); // Of a connection that is gone already.
});
