import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
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
  transport.onerror = () => undefined;
  await transport.start();
  return { ...streams, transport, seen };
}

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

test('a flood of junk stops the server, and others get their turns meanwhile', async () => {
  const { output, seen, transport } = await open();
  output.write(Buffer.from('junk\n'.repeat(400_000)));
  await until(() => seen.includes('closed'));
  assert.deepEqual(seen, ['stopped', 'closed']);
  assert.match(transport.failure ?? '', /floods its standard output/);
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

test('of standard error the end is kept', async () => {
  const { errors, transport } = await open();
  errors.write('x'.repeat(100_000));
  errors.write('the reason\n');
  await until(() => transport.errors.endsWith('the reason'));
  assert.ok(transport.errors.length <= 8 * 1024);
});
