import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as z from 'zod';
import {
  billOf,
  type ChatCall,
  type Deployment,
  type Prices,
} from '../../extension/src/core/models/index.ts';
import { createAnthropicReader } from '../../extension/src/node/providers/anthropic/read.ts';
import type { StreamReader } from '../../extension/src/node/providers/call.ts';
import { createPrices } from '../../extension/src/node/providers/index.ts';
import type { Usage } from '../../extension/src/protocol/message.ts';
import { createOpenAIReader } from '../../extension/src/node/providers/openai/read.ts';
import { createResponsesReader } from '../../extension/src/node/providers/openai/responses/read.ts';

type Wire = 'openai-chat' | 'openai-responses' | 'gemini-chat' | 'anthropic';

/** What a provider streamed, and the bill that was worked out by hand from its price page. */
const golden = z.object({
  prices: z.url(),
  bills: z.array(
    z.strictObject({
      name: z.string(),
      model: z.string(),
      baseUrl: z.url().optional(),
      why: z.string(),
      events: z.array(z.unknown()),
      bill: z.array(
        z.strictObject({
          what: z.string(),
          tokens: z.number().int(),
          usdPerMillion: z.number(),
          usd: z.string(),
        }),
      ),
      usd: z.string(),
    }),
  ),
});

const READERS: Readonly<Record<Wire, (call: ChatCall, deployment: Deployment) => StreamReader>> = {
  'openai-chat': (call, { model }) => createOpenAIReader(call, { origin: 'https://api.openai.com', model }),
  'openai-responses': (call, { model }) =>
    createResponsesReader(call, { origin: 'https://api.openai.com', model }),
  'gemini-chat': (call, { model }) =>
    createOpenAIReader(call, { origin: 'https://generativelanguage.googleapis.com', model }),
  anthropic: createAnthropicReader,
};

/** Exact: dollars with up to twelve decimals, as whole numbers of 10⁻¹². */
function exactly(usd: string): bigint {
  const [whole = '', decimals = ''] = usd.split('.');
  assert.ok(decimals.length <= 12, `${usd} has more decimals than a price list needs`);
  return BigInt(whole + decimals.padEnd(12, '0'));
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

const prices = createPrices();
const CALL: ChatCall = {
  messages: [],
  tools: [],
  signal: new AbortController().signal,
  onText: () => undefined,
};

for (const wire of Object.keys(READERS) as Wire[]) {
  describe(`the bill of ${wire}`, () => {
    const file = new URL(`../fixtures/model-bills/${wire}.json`, import.meta.url);
    const { bills } = golden.parse(JSON.parse(readFileSync(file, 'utf8')));
    for (const { name, model, baseUrl, events, bill, usd, why } of bills) {
      test(`${model}: ${name}`, async () => {
        for (const line of bill)
          assert.equal(
            exactly(line.usd),
            BigInt(Math.round(line.usdPerMillion * 1e6)) * BigInt(line.tokens),
            `the fixture’s own line “${line.what}”`,
          );
        assert.equal(exactly(usd), sum(bill.map((line) => exactly(line.usd))), 'the fixture’s own sum');

        const deployment: Deployment = {
          id: 'a',
          provider: wire === 'anthropic' ? 'anthropic' : 'openai',
          model,
          ...(baseUrl === undefined ? {} : { baseUrl }),
        };
        const reader = READERS[wire](CALL, deployment);
        for (const event of events) reader.read(event);
        assert.ok(reader.ended());
        const { cost } = await billOf(deployment, CALL, reader.reply(), prices, assert.fail);
        assert.equal(cost.kind, 'priced');
        assert.equal(exactly(cost.usd.toFixed(12)), exactly(usd), `${cost.usd} instead of ${usd}: ${why}`);
      });
    }
  });
}

/** A stream that says under which tier it was answered, and whether the list has its price. */
function tier(wire: Wire, name: string, changes: (text: string) => string, expected: string): void {
  test(`${wire}, ${name} → ${expected}`, async () => {
    const file = new URL(`../fixtures/model-bills/${wire}.json`, import.meta.url);
    const first = golden.parse(JSON.parse(changes(readFileSync(file, 'utf8')))).bills[0];
    assert.ok(first);
    const deployment: Deployment = {
      id: 'a',
      provider: wire === 'anthropic' ? 'anthropic' : 'openai',
      model: first.model,
    };
    const reader = READERS[wire](CALL, deployment);
    for (const event of first.events) reader.read(event);
    const { cost } = await billOf(deployment, CALL, reader.reply(), prices, assert.fail);
    assert.equal(cost.kind, expected);
  });
}

const served = (as: string) => (text: string) =>
  text.replaceAll(/"service_tier": "[a-z]+"/g, `"service_tier": "${as}"`);
tier('openai-chat', 'the default tier', served('default'), 'priced');
tier('openai-chat', 'the priority tier', served('priority'), 'estimated');
tier('openai-responses', 'the flex tier', served('flex'), 'estimated');
tier('anthropic', 'the priority tier', served('priority'), 'estimated');
tier('anthropic', 'in the United States', (text) => text.replaceAll('not_available', 'us'), 'estimated');

test('a name without a price has none the next time either, and takes no other’s away, however many there are', async () => {
  const deployment: Deployment = { id: 'a', provider: 'openai', model: 'gpt-5' };
  const list = createPrices();
  const usage = { input: 1_000_000, output: 0 };
  const usd = async (model: string, own = model): Promise<number | undefined> =>
    (await list.price({ deployment: { ...deployment, model: own }, model, usage }))?.usd;
  assert.equal(await usd('of-nobody'), undefined);
  assert.equal(await usd('of-nobody'), undefined);
  // Priced by the name that the deployment has, where the answer gives another.
  assert.equal(await usd('of-nobody', 'gpt-5'), 1.25);
  for (let index = 0; index < 2_500; index++) assert.equal(await usd(`of-nobody-${index}`), undefined);
  assert.equal(await usd('gpt-5'), 1.25);
});

test('what a call costs is the same the first time, by the list itself, and ever after', async () => {
  const usages: readonly Usage[] = [
    { input: 1_234_567, output: 89_101 },
    { input: 300_001, output: 7, cacheRead: 299_999, cacheWrite: 1 },
    {
      input: 99_999,
      output: 12_345,
      cacheRead: 3_333,
      cacheWrite: 66_666,
      cacheWrite1h: 5_555,
      reasoning: 9,
    },
  ];
  const asked = [
    [
      'anthropic',
      'claude-opus-4-5 claude-haiku-4-5 claude-sonnet-4-5 claude-opus-4-1 claude-sonnet-4-6 claude-3-haiku',
    ],
    ['openai', 'gpt-5 gpt-5-mini gpt-5.3-codex gpt-4.1 gpt-4o gpt-4o-audio-preview o3 gpt-3.5-turbo'],
  ] as const;
  for (const [provider, models] of asked) {
    for (const model of models.split(' ')) {
      const warm = createPrices();
      const of = (list: Prices, usage: Usage): ReturnType<Prices['price']> =>
        list.price({ deployment: { id: 'a', provider, model }, model, usage });
      for (const usage of usages) {
        const [first, again] = [await of(createPrices(), usage), await of(warm, usage)];
        assert.ok(first, model);
        assert.equal(again?.usd.toFixed(12), first.usd.toFixed(12), `${model} ${JSON.stringify(usage)}`);
        // The first of a list is the list's own.
        assert.equal((await of(warm, usage))?.usd.toFixed(12), first.usd.toFixed(12), model);
      }
    }
  }
});
