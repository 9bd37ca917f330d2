import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import * as z from 'zod';
import { LineTransport } from '../../extension/src/node/mcp/line-transport.ts';

/** A transport over streams in memory. */
async function open() {
  const streams = { input: new PassThrough(), output: new PassThrough(), errors: new PassThrough() };
  const seen: string[] = [];
  const transport = new LineTransport({
    ...streams,
    memoryLimitBytes: undefined,
    ended: new Promise(() => undefined),
    outOfMemoryKills: () => 0,
    stop: () => Promise.resolve(void seen.push('stopped')),
  });
  transport.onmessage = (message) => void seen.push('method' in message ? message.method : 'answer');
  transport.onclose = () => void seen.push('closed');
  const noted: string[] = [];
  transport.onerror = (error) => void noted.push(error.message);
  await transport.start();
  return { ...streams, transport, seen, noted };
}

const answer = (text: string) => `{"jsonrpc":"2.0","id":1,"result":{"text":"${text}"}}\n`;
const message = (method: string) => `{"jsonrpc":"2.0","method":"${method}"}\n`;

async function until(condition: () => boolean): Promise<number> {
  let turns = 0;
  while (!condition()) {
    await turn();
    turns += 1;
    if (turns > 1_000_000) assert.fail('It never came to that.');
  }
  return turns;
}

test('messages arrive however they are cut, also in the middle of a character', async () => {
  const { output, seen } = await open();
  for (const byte of Buffer.from(`${message('one/ä')}\n${message('two')}`)) output.write(Buffer.of(byte));
  await until(() => seen.length === 2);
  assert.deepEqual(seen, ['one/ä', 'two']);
});

test('some junk between messages is passed over', async () => {
  const { output, seen, transport } = await open();
  output.write(`npm warn something\n{"not":"mcp"}\n[]\nnull\n${message('after')}`);
  await until(() => seen.length === 1);
  assert.deepEqual(seen, ['after']);
  assert.equal(transport.failure, undefined);
});

test('a flood of messages is worked off in slices', async () => {
  const { output, seen } = await open();
  output.write(Buffer.from(message('x').repeat(50_000)));
  const turns = await until(() => seen.length === 50_000);
  assert.ok(turns > 3, `others had ${turns} turns`);
});

test('a line without an end stops the server', async () => {
  const { output, seen, transport } = await open();
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  for (let i = 0; i < 12; i += 1) output.write(chunk);
  await until(() => seen.includes('closed'));
  assert.match(transport.failure ?? '', /a line of more than 10 MiB/);
});

test('the end of the output closes it after the last message', async () => {
  const { output, seen } = await open();
  output.end(message('last'));
  await until(() => seen.includes('closed'));
  assert.deepEqual(seen, ['last', 'closed']);
});

const refusals: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  'an answer of 50 MB': [Buffer.from(answer('x'.repeat(50e6))), /a line of more than 10 MiB/],
  'ten million small values': [
    Buffer.from(`{"jsonrpc":"2.0","id":1,"result":[${'{},'.repeat(3e6)}0]}\n`),
    /50000 values/,
  ],
  'a deep nest': [Buffer.from(`{"a":${'['.repeat(200)}${']'.repeat(200)}}\n`), /nested more than 128 deep/],
  'two megabytes of lines that are no JSON': [
    Buffer.from('junk\n'.repeat(400_000)),
    /floods its standard output/,
  ],
  'two megabytes of JSON that is no message': [
    Buffer.from('{"level":30,"msg":"ready"}\n'.repeat(80_000)),
    /floods its standard output/,
  ],
  'two megabytes of blank lines': [Buffer.alloc(2e6, '\n'), /floods its standard output/],
  'a few huge lines of junk': [
    Buffer.from(`${'x'.repeat(700_000)}\n`.repeat(3)),
    /floods its standard output/,
  ],
};

for (const [name, [bytes, reason]] of Object.entries(refusals)) {
  test(`${name}: the server is stopped, with the reason`, async () => {
    const { output, seen, transport } = await open();
    for (let at = 0; at < bytes.length; at += 65_536) output.write(bytes.subarray(at, at + 65_536));
    await until(() => seen.includes('closed'));
    assert.deepEqual(seen, ['stopped', 'closed']);
    assert.match(transport.failure ?? '', reason);
  });
}

test('what looks deep or large inside of a text is a text', async () => {
  const { output, seen, transport } = await open();
  const text = `${'[{,'.repeat(100_000)}\\"[[\\\\`;
  output.write(answer(text));
  for (const byte of Buffer.from(answer('[\\"[\\\\'))) output.write(Buffer.of(byte));
  await until(() => seen.length === 2);
  assert.deepEqual(seen, ['answer', 'answer']);
  assert.equal(transport.failure, undefined);
});

test('marks, carriage returns, blank lines and bytes that are no UTF-8 do no harm', async () => {
  const { output, seen, transport } = await open();
  output.write('\ufeff' + message('marked').replace('\n', '\r\n'));
  output.write('\r\n\n  \n');
  output.write(
    Buffer.concat([Buffer.from('{"jsonrpc":"2.0","method":"'), Buffer.of(0xff, 0xc3), Buffer.from('"}\n')]),
  );
  await until(() => seen.length === 2);
  assert.deepEqual(seen, ['marked', '\ufffd\ufffd']);
  assert.equal(transport.failure, undefined);
});

test('half a message at the end is noted and not delivered', async () => {
  const { output, seen, noted } = await open();
  output.end(message('whole') + '{"jsonrpc":"2.0","meth');
  await until(() => seen.includes('closed'));
  assert.deepEqual(seen, ['whole', 'closed']);
  assert.deepEqual(noted, ['The output ended in the middle of a message.']);
});

test('a reader that throws is noted, and reads on', async () => {
  const { output, transport, noted } = await open();
  let read = 0;
  transport.onmessage = () => {
    read += 1;
    throw new Error('no use for it');
  };
  output.write(message('one') + message('two'));
  await until(() => read === 2);
  assert.deepEqual(noted, ['no use for it', 'no use for it']);
});

test('a client is not disturbed by answers that come twice or to nothing', async () => {
  const { input, output, transport, noted } = await open();
  const client = new Client({ name: 'test', version: '1' });
  input.on('data', (line: Buffer) => {
    const asked = z
      .object({ id: z.number().optional(), method: z.string() })
      .parse(JSON.parse(line.toString()));
    if (asked.id === undefined) return;
    const result =
      asked.method === 'initialize'
        ? {
            protocolVersion: '2025-11-25',
            capabilities: { tools: {} },
            serverInfo: { name: 's', version: '1' },
          }
        : { tools: [] };
    const reply = `${JSON.stringify({ jsonrpc: '2.0', id: asked.id, result })}\n`;
    output.write(reply + reply + reply.replace(`"id":${asked.id}`, '"id":"nobody"'));
  });
  await client.connect(transport);
  noted.length = 0;
  client.onerror = (error) => void noted.push(error.message);
  assert.deepEqual((await client.listTools()).tools, []);
  assert.deepEqual((await client.listTools()).tools, []);
  assert.equal(transport.failure, undefined);
  assert.ok(noted.length >= 3 && noted.every((text) => /unknown message ID/i.test(text)), String(noted));
  await client.close();
});

test('a flood on standard error is capped, and stops a server that does not end it', async () => {
  const { errors, transport, seen } = await open();
  const chunk = Buffer.alloc(1024 * 1024, 'e');
  for (let i = 0; i < 70 && !seen.includes('closed'); i += 1) {
    errors.write(chunk);
    await turn();
  }
  await until(() => seen.includes('closed'));
  assert.deepEqual(seen, ['stopped', 'closed']);
  assert.match(transport.failure ?? '', /floods its standard error/);
  assert.ok(transport.errors.length <= 8 * 1024);
});

test('of standard error the end is kept', async () => {
  const { errors, transport } = await open();
  errors.write('x'.repeat(100_000));
  errors.write('the reason\n');
  await until(() => transport.errors.endsWith('the reason'));
  assert.ok(transport.errors.length <= 8 * 1024);
});
