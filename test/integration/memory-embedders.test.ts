import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  isEmbedderError,
  type EmbedderConfig,
  type TextRole,
} from '../../extension/src/core/memory/embedding/index.ts';
import { openEmbedder } from '../../extension/src/node/embedders/index.ts';
import { embeddingServer, type EmbeddingServer, type Fault } from '../support/embedding-server/index.ts';

const KEY = 'sk-test-0123456789abcdef';

function configOf(
  server: EmbeddingServer,
  provider: 'openai' | 'ollama',
  more: Partial<EmbedderConfig> = {},
): EmbedderConfig {
  const baseUrl = provider === 'openai' ? `${server.origin}/v1` : server.origin;
  return { provider, model: 'test-model', baseUrl, key: KEY, ...more };
}

async function embed(
  config: EmbedderConfig,
  texts: readonly string[],
  role: TextRole = 'document',
): Promise<string> {
  const embedder = await openEmbedder(config);
  try {
    const vectors = await embedder.embed(texts, { role, signal: AbortSignal.timeout(20_000) });
    const lengths = vectors.map((vector) => Math.hypot(...vector).toFixed(3));
    return `${String(vectors.length)} × ${String(vectors[0]?.length)}, of length ${[...new Set(lengths)].join(' ')}`;
  } catch (error) {
    if (!isEmbedderError(error)) throw error;
    return `${error.kind}: ${error.message}`;
  } finally {
    await embedder.dispose();
  }
}

async function answers(
  t: TestContext,
  provider: 'openai' | 'ollama',
  cases: readonly (readonly [Fault | undefined, string])[],
): Promise<void> {
  const server = await embeddingServer(t);
  for (const [fault, expected] of cases) {
    server.fault = () => fault;
    const told = await embed(configOf(server, provider), ['one', 'two']);
    assert.equal(told.replace(server.origin.slice(7), 'HOST'), expected);
    assert.ok(!told.includes(KEY), told);
  }
}

const vectors = (alter: (all: (number | null)[][]) => unknown[]): Fault => ({ alter });

test('an OpenAI-compatible server: what it answers, and what is wrong with it', async (t) => {
  await answers(t, 'openai', [
    [undefined, '2 × 64, of length 1.000'],
    [vectors((all) => all.map((one) => one.map((value) => (value ?? 0) * 50))), '2 × 64, of length 1.000'],
    [vectors((all) => all.slice(1)), 'bad-answer: The embedder answered with 1 vectors for 2 texts.'],
    [
      vectors(([one = [], ...rest]) => [one.slice(1), ...rest]),
      'bad-answer: The embedder answered with a vector of 64 numbers in place of 63.',
    ],
    [
      vectors(([one = [], ...rest]) => [one.map(() => null), ...rest]),
      'bad-answer: The embedder answered with a vector that holds something other than numbers.',
    ],
    [
      vectors(([one = [], ...rest]) => [one.map(() => 0), ...rest]),
      'bad-answer: The embedder answered with a vector of zeros.',
    ],
    [vectors((all) => all.map(() => [])), 'bad-answer: The embedder answered with an empty vector.'],
    [
      vectors((all) => all.map(() => 'AAAA!')),
      'bad-answer: The embedder answered with a vector that is cut off.',
    ],
    [{ raw: '<html>' }, 'bad-answer: The embedder answered with something that is no JSON.'],
    [{ raw: '{"data":{}}' }, 'bad-answer: The embedder’s answer does not have the form of OpenAI’s.'],
    [
      { status: 401, body: { error: { message: `Incorrect API key provided: ${KEY}.` } } },
      'auth: The embedder’s server refused the key or the account (401): Incorrect API key provided: [key].',
    ],
    [
      { status: 429, body: { error: { message: 'slow down' } }, headers: { 'retry-after': '7' } },
      'rate-limit: The embedder’s rate limit is reached (429): slow down',
    ],
    [
      { status: 503, body: { detail: 'loading' } },
      'overloaded: The embedder’s server answered with an error (503): loading',
    ],
    [
      {
        status: 413,
        body: { error: 'batch size 2 > maximum allowed batch size 1', error_type: 'Validation' },
      },
      'too-much: The request is too large for the embedder (413): batch size 2 > maximum allowed batch size 1',
    ],
    [
      { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
      'refused: The embedder’s server redirects elsewhere (307), which Strata does not follow with a key.',
    ],
    ['hang-up', 'unreachable: The embedder at HOST cannot be reached (other side closed UND_ERR_SOCKET).'],
  ]);
});

test('vectors in base64 and out of order are read as any', async (t) => {
  const server = await embeddingServer(t);
  const plain = await openEmbedder(configOf(server, 'openai'));
  const options = { role: 'document', signal: AbortSignal.timeout(20_000) } as const;
  const expected = await plain.embed(['one', 'two'], options);
  server.fault = () => ({
    raw: JSON.stringify({
      data: [...expected]
        .map((vector, index) => ({ index, embedding: Buffer.from(vector.buffer).toString('base64') }))
        .reverse(),
    }),
  });
  assert.deepEqual(await plain.embed(['one', 'two'], options), expected);
});

test('an Ollama: its own interface, and the model that is missing', async (t) => {
  const server = await embeddingServer(t);
  const ollama = configOf(server, 'ollama', { dimensions: 64 });
  assert.equal(await embed(ollama, ['one']), '1 × 64, of length 1.000');
  const { path, body } = server.asked[0] ?? {};
  assert.deepEqual(
    { path, body },
    {
      path: '/api/embed',
      body: { model: 'test-model', input: ['one'], truncate: true, dimensions: 64 },
    },
  );
  server.fault = () => ({
    status: 404,
    body: { error: 'model "test-model" not found, try pulling it first' },
  });
  const embedder = await openEmbedder(ollama);
  await assert.rejects(embedder.embed(['one'], { role: 'query', signal: AbortSignal.timeout(20_000) }), {
    code: 'embedder-refused',
    action: 'Run `ollama pull test-model`, or correct the model in “strata.memory.embedder”.',
  });
});

test('models get the words that they were trained with, and no text beyond what they read', async (t) => {
  const server = await embeddingServer(t);
  const sent = async (model: string, role: TextRole, text: string): Promise<string> => {
    await embed(configOf(server, 'openai', { model }), [text], role);
    return server.texts().at(-1) ?? '';
  };
  assert.equal(await sent('nomic-embed-text:latest', 'query', 'q'), 'search_query: q');
  assert.equal(await sent('nomic-embed-text:latest', 'document', 'd'), 'search_document: d');
  assert.equal(
    await sent('BAAI/bge-small-en-v1.5', 'query', 'q'),
    'Represent this sentence for searching relevant passages: q',
  );
  assert.equal(await sent('BAAI/bge-small-en-v1.5', 'document', 'd'), 'd');
  assert.equal(await sent('text-embedding-3-small', 'query', 'q'), 'q');
  assert.equal(await sent('unknown', 'document', '   '), '.');
  assert.equal((await sent('all-minilm', 'document', 'x'.repeat(9_000))).length, 768);
  assert.equal((await sent('all-minilm', 'document', '😀'.repeat(9_000))).isWellFormed(), true);
});

test('an embedder that says nothing ends with the signal', async (t) => {
  const server = await embeddingServer(t);
  server.fault = () => 'silence';
  const embedder = await openEmbedder(configOf(server, 'openai'));
  const controller = new AbortController();
  const asked = embedder.embed(['one'], { role: 'query', signal: controller.signal });
  await server.arrived(1);
  controller.abort(new Error('enough'));
  await assert.rejects(asked, { message: 'enough' });
});

test('nobody at the address', async (t) => {
  const server = await embeddingServer(t);
  await server.close();
  const told = await embed(configOf(server, 'openai'), ['one']);
  assert.match(
    told,
    /^unreachable: The embedder at 127\.0\.0\.1:\d+ cannot be reached \(connect ECONNREFUSED 127\.0\.0\.1:\d+\)\.$/,
  );
});
