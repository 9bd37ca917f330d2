import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  billOf,
  estimateUsage,
  type ChatRequest,
  type Deployment,
} from '../../extension/src/core/models/index.ts';
import type { AssistantMessage, Cost, Usage } from '../../extension/src/protocol/message.ts';

const REQUEST: ChatRequest = {
  messages: [
    { role: 'system', text: 'x'.repeat(400) },
    { role: 'user', content: [{ type: 'text', text: 'y'.repeat(40) }] },
  ],
  tools: [],
};
const ANSWER: AssistantMessage = { role: 'assistant', content: [{ type: 'text', text: 'z'.repeat(80) }] };
const ESTIMATE: Usage = { input: 110, output: 20 };

/** `price` is what the list says about one token of input; `undefined` when it does not know the model. */
function bill(
  name: string,
  deployment: Partial<Deployment>,
  told: Usage | undefined,
  price: { readonly each: number; readonly exact: boolean } | undefined,
  expected: { readonly usage: Usage; readonly cost: Cost },
): void {
  test(name, async () => {
    const { usage, cost } = await billOf(
      { id: 'a', provider: 'openai', model: 'm', ...deployment },
      REQUEST,
      { message: ANSWER, stop: 'end', model: 'm', usage: told },
      {
        price: (question) =>
          Promise.resolve(price && { usd: question.usage.input * price.each, exact: price.exact }),
      },
      assert.fail,
    );
    assert.deepEqual({ usage, cost }, expected);
  });
}

const TOLD: Usage = { input: 1000, output: 5, cacheRead: 900 };
const KNOWN = { each: 0.5, exact: true };

bill('told and known → priced', {}, TOLD, KNOWN, { usage: TOLD, cost: { kind: 'priced', usd: 500 } });
bill(
  'a likely price → estimated',
  {},
  TOLD,
  { each: 0.5, exact: false },
  { usage: TOLD, cost: { kind: 'estimated', usd: 500 } },
);
bill('no price → unknown, never 0', {}, TOLD, undefined, { usage: TOLD, cost: { kind: 'unknown' } });
bill('no usage → estimated', {}, undefined, KNOWN, { usage: ESTIMATE, cost: { kind: 'estimated', usd: 55 } });
bill('negative usage → estimated', {}, { input: -1, output: 5 }, KNOWN, {
  usage: ESTIMATE,
  cost: { kind: 'estimated', usd: 55 },
});
bill('more cached than there were → estimated', {}, { input: 5, output: 5, cacheRead: 6 }, KNOWN, {
  usage: ESTIMATE,
  cost: { kind: 'estimated', usd: 55 },
});
bill('NaN → estimated', {}, { input: Number.NaN, output: 5 }, undefined, {
  usage: ESTIMATE,
  cost: { kind: 'unknown' },
});
bill('Ollama → free', { provider: 'ollama' }, TOLD, KNOWN, { usage: TOLD, cost: { kind: 'free' } });
bill(
  'written for an hour, but not written at all → estimated',
  {},
  { input: 9, output: 5, cacheWrite1h: 1 },
  KNOWN,
  {
    usage: ESTIMATE,
    cost: { kind: 'estimated', usd: 55 },
  },
);
bill('demo → free', { provider: 'demo' }, undefined, KNOWN, { usage: ESTIMATE, cost: { kind: 'free' } });

const OWN = { input: 2, output: 10, cacheRead: 0.5, cacheWrite: 3, cacheWrite1h: 4 };
const ALL: Usage = { input: 1_000, output: 100, cacheRead: 400, cacheWrite: 300, cacheWrite1h: 200 };
bill('a price of one’s own counts more than a list', { price: OWN }, ALL, KNOWN, {
  usage: ALL,
  cost: { kind: 'priced', usd: (300 * 2 + 400 * 0.5 + 100 * 3 + 200 * 4 + 100 * 10) / 1e6 },
});
bill('what a price leaves out costs what input does', { price: { input: 2, output: 10 } }, ALL, undefined, {
  usage: ALL,
  cost: { kind: 'priced', usd: (1_000 * 2 + 100 * 10) / 1e6 },
});
bill(
  'an hour costs what five minutes do, unless said',
  { price: { input: 2, output: 0, cacheWrite: 3 } },
  ALL,
  KNOWN,
  {
    usage: ALL,
    cost: { kind: 'priced', usd: (700 * 2 + 300 * 3) / 1e6 },
  },
);
bill('a price of one’s own without usage → estimated', { price: OWN }, undefined, undefined, {
  usage: ESTIMATE,
  cost: { kind: 'estimated', usd: (110 * 2 + 20 * 10) / 1e6 },
});
bill(
  'a local model with a price → priced',
  { provider: 'ollama', price: { input: 1, output: 1 } },
  TOLD,
  undefined,
  {
    usage: TOLD,
    cost: { kind: 'priced', usd: 1_005 / 1e6 },
  },
);

test('a tier with prices of its own → estimated', async () => {
  const reply = { message: ANSWER, stop: 'end', model: 'm', usage: TOLD } as const;
  const prices = { price: () => Promise.resolve({ usd: 1, exact: true }) };
  const deployment = { id: 'a', provider: 'openai', model: 'm' } as const;
  const kindAt = async (tier: object): Promise<string> =>
    (await billOf(deployment, REQUEST, { ...reply, ...tier }, prices, assert.fail)).cost.kind;
  assert.equal(await kindAt({}), 'priced');
  assert.equal(await kindAt({ tier: 'priority' }), 'estimated');
});

test('tools, tool calls and images count in the estimate', () => {
  const tool = { name: 'files_read', description: 'Reads.', inputSchema: { type: 'object' } } as const;
  const call = { type: 'tool-call', callId: 'c', tool: 'files_read', arguments: { path: 'a.txt' } } as const;
  const picture = { type: 'image', mimeType: 'image/png', data: 'AAAA' } as const;
  const request: ChatRequest = { messages: [{ role: 'user', content: [picture] }], tools: [tool] };
  assert.deepEqual(estimateUsage(request, { role: 'assistant', content: [call] }), {
    input: 1_200 + Math.ceil(JSON.stringify([tool]).length / 4),
    output: Math.ceil(('files_read'.length + JSON.stringify({ path: 'a.txt' }).length) / 4),
  });
});

test('an answer is not lost when its price cannot be looked up', async () => {
  const problems: string[] = [];
  const { cost } = await billOf(
    { id: 'a', provider: 'openai', model: 'm' },
    REQUEST,
    { message: ANSWER, stop: 'end', model: 'm', usage: TOLD },
    { price: () => Promise.reject(new Error('no such file')) },
    (text) => problems.push(text),
  );
  assert.deepEqual(cost, { kind: 'unknown' });
  assert.deepEqual(problems, ['The price of a could not be looked up: no such file.']);
});
