import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createRedaction,
  createTools,
  DEFAULT_SANDBOX,
  secretMistake,
} from '../../extension/src/core/tools/index.ts';

const secret = 'p@ss/w0rd+"né';
const redaction = createRedaction(
  new Map([
    ['TOKEN', secret],
    ['LONGER', `${secret}-and-more`],
  ]),
);
const text = (value: string): string => redaction.text(value);

test('a secret is replaced wherever it stands', () => {
  assert.equal(text(`a ${secret} b ${secret}`), 'a [secret TOKEN] b [secret TOKEN]');
  assert.equal(
    text(`${secret}-and-more`),
    '[secret LONGER]',
    'one that holds another is replaced as a whole',
  );
  assert.equal(text('nothing here'), 'nothing here');
});

test('and so are the usual ways of writing it', () => {
  assert.equal(
    text(`https://x.org/?k=${encodeURIComponent(secret)}&b=1`),
    'https://x.org/?k=[secret TOKEN]&b=1',
  );
  assert.equal(text(JSON.stringify({ key: secret })), '{"key":"[secret TOKEN]"}');
  assert.equal(text(Buffer.from(secret).toString('hex')), '[secret TOKEN]');
  for (const before of ['', 'a', 'ab', 'user:']) {
    const encoded = Buffer.from(`${before}${secret}`).toString('base64');
    assert.match(text(`Basic ${encoded}`), /\[secret TOKEN\]/, before);
    assert.match(text(Buffer.from(`${before}${secret}`).toString('base64url')), /\[secret TOKEN\]/, before);
  }
});

test('results are redacted in all their parts, also where a secret is split over them', () => {
  const [begin, end] = [secret.slice(0, 5), secret.slice(5)];
  const result = redaction.result({
    content: [
      { type: 'text', text: `x ${begin}` },
      { type: 'image', mimeType: 'image/png', data: 'AAAA' },
      { type: 'text', text: `${end} y` },
    ],
    isError: false,
    structured: { deep: [{ [secret]: secret }], n: 1 },
    raw: { content: [{ type: 'text', text: secret }] },
  });
  assert.deepEqual(result, {
    content: [
      { type: 'text', text: 'x [secret TOKEN]' },
      { type: 'image', mimeType: 'image/png', data: 'AAAA' },
      { type: 'text', text: ' y' },
    ],
    isError: false,
    structured: { deep: [{ '[secret TOKEN]': '[secret TOKEN]' }], n: 1 },
    raw: { content: [{ type: 'text', text: '[secret TOKEN]' }] },
  });
});

test('text that streams in is held back as long as it may be the beginning of a secret', () => {
  const seen: string[] = [];
  const stream = redaction.stream((piece) => seen.push(piece));
  for (const character of `a ${secret}-b p@s`) stream.write(character);
  assert.equal(seen.join(''), 'a [secret TOKEN]-b ');
  stream.end();
  assert.equal(seen.join(''), 'a [secret TOKEN]-b p@s');
});

test('values that are too short to be kept out of texts are refused', () => {
  assert.equal(secretMistake('PIN', '12345')?.includes('fewer than 6 characters'), true);
  assert.equal(secretMistake('KEY', '123456'), undefined);
  assert.equal(createRedaction(new Map([['PIN', '1']])).text('1 + 1'), '1 + 1');
});

test('a result full of a secret takes no longer than its length', () => {
  const many = secret.repeat(50_000);
  assert.equal(text(many), '[secret TOKEN]'.repeat(50_000));
});

test('whatever a server says in the course of a call goes through it', async () => {
  const source = { kind: 'npm', package: 'x', arguments: [] } as const;
  const about = {
    origin: 'workspace',
    source,
    sandbox: DEFAULT_SANDBOX,
    enabled: true,
    trusted: false,
  } as const;
  const tools = createTools({
    servers: [
      {
        name: 'x',
        list: () =>
          Promise.resolve([
            { name: 'x_a', server: 'x', effect: 'change', description: 'a', inputSchema: { type: 'object' } },
          ]),
        call: (_, call) => {
          call.onOutput(`working with ${secret.slice(0, 4)}`);
          call.onOutput(secret.slice(4));
          call.onProgress?.({ progress: 1, message: secret });
          call.onNote?.('info', `connected with ${secret}`);
          return Promise.resolve({ content: [{ type: 'text', text: `bad key ${secret}` }], isError: true });
        },
        dispose: () => Promise.resolve(),
      },
    ],
    argumentMistakes: () => undefined,
    about: () => ({ definition: { name: 'x', ...about }, redaction }),
  });
  const seen: unknown[] = [];
  const result = await tools.call('x_a', {
    arguments: {},
    signal: new AbortController().signal,
    onOutput: (piece) => seen.push(piece),
    onProgress: (progress) => seen.push(progress),
    onNote: (_, note) => seen.push(note),
  });
  assert.deepEqual(result.content, [{ type: 'text', text: 'bad key [secret TOKEN]' }]);
  assert.deepEqual(
    seen.filter((one) => JSON.stringify(one).includes('secret')).length,
    3,
    JSON.stringify(seen),
  );
  assert.doesNotMatch(JSON.stringify([seen, result]), /p@ss/);
});
