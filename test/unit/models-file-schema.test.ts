import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import * as z from 'zod';
import type { JsonObject } from '../../extension/src/base/json.ts';
import { parseRouteConfig } from '../../extension/src/core/models/route-config/index.ts';
import { PROVIDERS, routeConfigSchema } from '../../extension/src/core/models/route-config/schema.ts';
import { argumentMistakes } from '../../extension/src/node/mcp/validate.ts';

const file = path.join(import.meta.dirname, '../../media/models.schema.json');
const schema = async (): Promise<JsonObject> => JSON.parse(await readFile(file, 'utf8')) as JsonObject;

const deployment = {
  ...{ provider: 'openai', model: 'gpt-5', baseUrl: 'https://models.example.com/v1', keyName: 'work' },
  ...{ api: 'chat', weight: 2, contextWindow: 400_000 },
  price: { input: 1, output: 2, cacheRead: 0.1, cacheWrite: 1.25, cacheWrite1h: 2 },
};
const limit = { usd: 5, tokens: 1_000_000 };
const whole = {
  $schema: 'x',
  routes: {
    code: ['anthropic/claude-sonnet-4-6', deployment],
    mine: {
      ...{ strategy: 'weighted', deployments: [deployment] },
      ...{ onContextLength: 'long-context', onContentPolicy: 'code' },
    },
  },
  budgets: {
    run: limit,
    day: { usd: 1 },
    workspace: { tokens: 1 },
    agents: { a: limit },
    routes: { b: limit },
  },
  auto: 'model',
};

/** Every member that an object may have, by where it stands; what is below a free name stands under `*`. */
function membersIn(node: unknown, root: JsonObject, at = ''): readonly string[] {
  const parsed = shape.safeParse(node);
  if (!parsed.success) return [];
  const { $ref, properties = {}, additionalProperties, items, anyOf = [] } = parsed.data;
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? '';
    const definitions = z.record(z.string(), z.unknown()).parse(root['definitions'] ?? root['$defs']);
    return membersIn(definitions[name], root, at);
  }
  // The names of routes that the editor completes are names like any other.
  const free = typeof additionalProperties === 'object' && additionalProperties !== null;
  return [
    ...(free ? [] : Object.entries(properties)).flatMap(([name, inner]) => [
      `${at}/${name}`,
      ...membersIn(inner, root, `${at}/${name}`),
    ]),
    ...(free ? membersIn(additionalProperties, root, `${at}/*`) : []),
    ...(items === undefined ? [] : membersIn(items, root, at)),
    ...anyOf.flatMap((one) => membersIn(one, root, at)),
  ];
}

const names = z.array(z.string());
const provider = z.object({ enum: names, enumDescriptions: names });
const providers = z.object({
  definitions: z.object({
    deployment: z.object({
      anyOf: z.tuple([z.object({ pattern: z.string() }), z.object({ properties: z.object({ provider }) })]),
    }),
  }),
});

const shape = z.object({
  $ref: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
});

test('the editor completes the members that the file is read with, and no others', async () => {
  const rules = await schema();
  const own = z.toJSONSchema(routeConfigSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  const read = JSON.parse(JSON.stringify(own)) as JsonObject;
  const unique = (members: readonly string[]): readonly string[] => [...new Set(members)].sort();
  const known = unique(membersIn(read, read));
  assert.ok(known.includes('/routes/*/deployments'), String(known));
  assert.ok(known.includes('/routes/*/price/cacheWrite1h'), String(known));
  assert.deepEqual(unique(membersIn(rules, rules)), known);
});

test('the editor knows every provider and says a word about each', async () => {
  const [short, long] = providers.parse(await schema()).definitions.deployment.anyOf;
  assert.deepEqual(long.properties.provider.enum, PROVIDERS);
  assert.equal(long.properties.provider.enumDescriptions.length, PROVIDERS.length);
  for (const provider of PROVIDERS) assert.match(`${provider}/m`, new RegExp(short.pattern));
});

test('a file with every member is right for both', async () => {
  assert.equal(argumentMistakes(await schema(), whole), undefined);
  parseRouteConfig(JSON.stringify(whole), 'models.jsonc');
});

test('what is wrong for one is wrong for the other', async () => {
  const rules = await schema();
  const wrong = (mistake: JsonObject): void => {
    const given = { ...whole, ...mistake };
    assert.notEqual(argumentMistakes(rules, given), undefined, JSON.stringify(mistake));
    assert.throws(() => parseRouteConfig(JSON.stringify(given), 'models.jsonc'), JSON.stringify(mistake));
  };
  const routeOf = (more: JsonObject) => ({ routes: { code: [{ ...deployment, ...more }] } });
  wrong({ more: true });
  wrong({ routes: { code: [] } });
  wrong({ routes: { '': ['openai/a'] } });
  wrong({ routes: { code: ['gpt-5'] } });
  wrong({ routes: { code: ['google/gemini'] } });
  wrong({ routes: { code: { strategy: 'ordered' } } });
  wrong({ routes: { code: { strategy: 'best', deployments: ['openai/a'] } } });
  wrong(routeOf({ model: '' }));
  wrong(routeOf({ baseUrl: 'models.example.com' }));
  wrong(routeOf({ baseUrl: 'https://models.example.com/v1?key=1' }));
  wrong(routeOf({ baseUrl: 'https://me:word@models.example.com' }));
  wrong(routeOf({ keyName: 'a b' }));
  wrong(routeOf({ api: 'assistants' }));
  wrong(routeOf({ weight: 0 }));
  wrong(routeOf({ contextWindow: 1.5 }));
  wrong(routeOf({ price: { input: 1 } }));
  wrong(routeOf({ price: { input: -1, output: 1 } }));
  wrong(routeOf({ key: 'sk-1' }));
  wrong({ budgets: { day: {} } });
  wrong({ budgets: { day: { usd: -1 } } });
  wrong({ budgets: { week: limit } });
  wrong({ budgets: { agents: { a: 5 } } });
  wrong({ auto: true });
});
