import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import {
  createEnvironmentKeys,
  isModelError,
  keyOf,
  mergeConfigs,
  readRouteConfig,
  resolveRoutes,
  scrubKey,
  type Deployment,
  type Environment,
  type Keys,
  type Ollama,
  type ResolvedRoutes,
} from '../../extension/src/core/models/index.ts';

const FILE = '.strata/models.jsonc';

interface Machine {
  readonly config?: string;
  readonly stored?: Readonly<Record<string, string>>;
  readonly env?: Environment;
  readonly ollama?: Ollama;
}

async function routesOf({ config, stored = {}, env = {}, ollama }: Machine): Promise<ResolvedRoutes> {
  const keys: Keys = { get: (name) => Promise.resolve(stored[name]) };
  return resolveRoutes({
    config: config === undefined ? undefined : await readRouteConfig(config, FILE),
    keys,
    env,
    probeOllama: () => Promise.resolve(ollama),
  });
}

function shown({ id, baseUrl, keyName }: Deployment): string {
  return [
    id,
    ...(baseUrl === undefined ? [] : [`to ${baseUrl}`]),
    ...(keyName === undefined ? [] : [`with ${keyName}`]),
  ].join(' ');
}

function codeRoute(name: string, machine: Machine, expected: readonly string[]): void {
  test(name, async () => {
    const { routes } = await routesOf(machine);
    const entries = routes.get('code')?.deployments ?? [];
    assert.deepEqual(
      entries.map(({ deployment }) => shown(deployment)),
      expected,
    );
  });
}

const OLLAMA: Ollama = {
  baseUrl: 'http://127.0.0.1:11434',
  models: [
    { name: 'gemma3:4b', tools: false },
    { name: 'qwen3:8b', tools: true },
  ],
};

codeRoute('nothing at hand → the demo model alone', {}, ['demo/demo']);
codeRoute('an Anthropic key', { env: { ANTHROPIC_API_KEY: 'k' } }, [
  'anthropic/claude-sonnet-4-6 with env:ANTHROPIC_API_KEY',
]);
codeRoute('both keys', { env: { ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k' } }, [
  'anthropic/claude-sonnet-4-6 with env:ANTHROPIC_API_KEY',
  'openai/gpt-5.3-codex with env:OPENAI_API_KEY',
]);
codeRoute('an empty key is none', { env: { OPENAI_API_KEY: ' ' } }, ['demo/demo']);
codeRoute(
  'a key of the environment goes to the address beside it',
  { env: { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://gate/v1' } },
  ['openai/gpt-5.3-codex to http://gate/v1 with env:OPENAI_API_KEY'],
);
codeRoute('a stored key does not', { stored: { openai: 'k' }, env: { OPENAI_BASE_URL: 'http://gate/v1' } }, [
  'openai/gpt-5.3-codex with openai',
]);
codeRoute('Ollama: the model that calls tools', { ollama: OLLAMA }, [
  'ollama/qwen3:8b to http://127.0.0.1:11434',
]);

codeRoute(
  'a key of a real provider keeps the local model out',
  { env: { OPENAI_API_KEY: 'k' }, ollama: OLLAMA },
  ['openai/gpt-5.3-codex with env:OPENAI_API_KEY'],
);

codeRoute('a Gemini key goes to Gemini', { env: { GOOGLE_API_KEY: 'k' } }, [
  'gemini/gemini-2.5-pro to https://generativelanguage.googleapis.com/v1beta/openai/ with env:GOOGLE_API_KEY',
]);
codeRoute(
  'an open model stands in for a large one only where nothing else is at hand',
  { stored: { groq: 'k' } },
  ['groq/openai/gpt-oss-120b to https://api.groq.com/openai/v1 with groq'],
);
codeRoute('and not beside one', { stored: { groq: 'k', anthropic: 'k' } }, [
  'anthropic/claude-sonnet-4-6 with anthropic',
]);

const configured = (...deployments: unknown[]): string => JSON.stringify({ routes: { code: deployments } });

codeRoute(
  'configured, in order',
  { config: configured('openai/gpt-5', 'anthropic/claude-sonnet-4-5'), env: { OPENAI_API_KEY: 'k' } },
  ['openai/gpt-5 with env:OPENAI_API_KEY', 'anthropic/claude-sonnet-4-5 with anthropic'],
);
codeRoute(
  'an account is named in the place of a provider',
  {
    config: configured('groq/meta-llama/llama-4-scout-17b-16e-instruct'),
    stored: { groq: 'k', openai: 'k' },
  },
  ['groq/meta-llama/llama-4-scout-17b-16e-instruct to https://api.groq.com/openai/v1 with groq'],
);
codeRoute(
  'nor does another address get the key of the account that it names',
  {
    config: configured({ provider: 'groq', model: 'x', baseUrl: 'https://evil.example/v1' }),
    stored: { groq: 'k', openai: 'k' },
  },
  ['groq/x at https://evil.example/v1 to https://evil.example/v1'],
);
codeRoute(
  'an address of the workspace gets no key of the user',
  {
    config: configured({ provider: 'openai', model: 'x', baseUrl: 'https://evil.example/v1' }),
    env: { OPENAI_API_KEY: 'k' },
    stored: { openai: 'k' },
  },
  ['openai/x at https://evil.example/v1 to https://evil.example/v1'],
);
codeRoute(
  'nor by naming it',
  {
    config: configured({
      provider: 'openai',
      model: 'x',
      baseUrl: 'https://evil.example/v1',
      keyName: 'openai',
    }),
    stored: { openai: 'k' },
  },
  [
    'openai/x at https://evil.example/v1 (key openai) to https://evil.example/v1 with openai@https://evil.example',
  ],
);
codeRoute(
  'nor over plain http',
  {
    config: configured({ provider: 'openai', model: 'x', baseUrl: 'http://api.openai.com/v1' }),
    stored: { openai: 'k' },
  },
  ['openai/x at http://api.openai.com/v1 to http://api.openai.com/v1'],
);
codeRoute(
  'routes that are not configured come from what is at hand',
  { config: '{"routes":{"mine":["ollama/a"]}}', ollama: OLLAMA },
  ['ollama/qwen3:8b to http://127.0.0.1:11434'],
);

test('a user’s own route stands beside the four task types', async () => {
  const { routes, demoOnly } = await routesOf({
    config: '{"routes":{"mine":["openai/x"]}}',
    env: { OPENAI_API_KEY: 'k' },
  });
  assert.deepEqual([...routes.keys()].sort(), ['code', 'fast', 'long-context', 'mine', 'reasoning']);
  assert.equal(demoOnly, false);
});

test('where each came from, and what is missing', async () => {
  const config = configured('anthropic/a', {
    provider: 'openai',
    model: 'x',
    baseUrl: 'http://h/v1',
    keyName: 'work',
  });
  const { origins } = await routesOf({ config });
  assert.deepEqual(
    origins.map(({ route, deployment, from, problem }) => [route, deployment.id, from, problem]),
    [
      [
        'code',
        'anthropic/a',
        FILE,
        'There is no key. Set it with “Strata: Set API Key”, or in the environment variable ANTHROPIC_API_KEY.',
      ],
      [
        'code',
        'openai/x at http://h/v1 (key work)',
        FILE,
        'There is no key. Set it with “Strata: Set API Key” for http://h, or set STRATA_KEY_WORK together with STRATA_KEY_WORK_URL=http://h.',
      ],
    ],
  );
});

/** The key `work`, asked for the origin, on a machine with this environment. */
function named(origin: string, env: Environment, expected: string | undefined): void {
  test(`key work for ${origin} with ${JSON.stringify(env)} → ${expected}`, async () => {
    assert.equal(await createEnvironmentKeys(env).get(`work@${origin}`), expected);
  });
}

named('https://h', { STRATA_KEY_WORK: 'k', STRATA_KEY_WORK_URL: 'https://h/v1' }, 'k');
named('https://evil', { STRATA_KEY_WORK: 'k', STRATA_KEY_WORK_URL: 'https://h/v1' }, undefined);
named('http://h', { STRATA_KEY_WORK: 'k', STRATA_KEY_WORK_URL: 'https://h/v1' }, undefined);
named('https://h', { STRATA_KEY_WORK: 'k' }, undefined);

function keyFlaw(key: string, expected: RegExp): void {
  test(`a key like ${JSON.stringify(key.replace(/\w/g, 'x'))} is reported without being shown`, async () => {
    const deployment: Deployment = {
      id: 'openai/x',
      provider: 'openai',
      model: 'x',
      keyName: 'env:OPENAI_API_KEY',
    };
    const error: unknown = await keyOf(deployment, createEnvironmentKeys({}), { OPENAI_API_KEY: key }).catch(
      (e: unknown) => e,
    );
    assert.ok(isModelError(error));
    assert.equal(error.kind, 'auth');
    assert.match(error.message, expected);
    assert.doesNotMatch(`${error.message}${error.action}${JSON.stringify(error)}`, /secret/);
  });
}

keyFlaw('sk-secret\nsecret', /The key in OPENAI_API_KEY has a line break in it/);
keyFlaw('sk-secret\r\n', /has a line break in it/);
keyFlaw('sk-secret secret', /has a space in it/);
keyFlaw('sk-secret“', /a character other than/);
keyFlaw('', /There is no key for openai\/x/);

test('a made-up name reads no other variable of the environment', async () => {
  const deployment: Deployment = { id: 'openai/x', provider: 'openai', model: 'x', keyName: 'env:HOME' };
  await assert.rejects(keyOf(deployment, createEnvironmentKeys({}), { HOME: '/home/me' }), /no key/);
});

function mistake(name: string, text: string, expected: string): void {
  test(`mistake: ${name}`, async () => {
    const error: unknown = await readRouteConfig(text, FILE).catch((thrown: unknown) => thrown);
    assert.ok(isStrataError(error), String(error));
    assert.equal(error.code, 'models-config');
    assert.equal(error.message, `${FILE}:${expected}`);
  });
}

mistake('empty', '', '1:1: value expected.');
mistake('syntax', '{\n  "routes": {\n    "code": [oops]\n  }\n}', '3:14: invalid symbol.');
mistake('unknown member', '{ "routes": {},\n "route": 1 }', '2:11: “route” is not known here.');
mistake(
  'no deployments',
  '{ "routes": { "code": [] } }',
  '1:23: “routes.code” must list at least one deployment.',
);
mistake(
  'unknown provider',
  '{ "routes": { "code": ["mistral/large"] } }',
  '1:24: “routes.code.0” must be "provider/model" (provider: openai, anthropic, gemini, groq, ollama, vscode or demo) or an object with "provider" and "model".',
);
mistake(
  'a key in the file',
  '{ "routes": { "code": [\n  { "provider": "openai", "model": "x", "apiKey": "sk-secret" } ] } }',
  '2:51: “routes.code.0.apiKey” is not known here.',
);
mistake(
  'a password in the address',
  '{ "routes": { "code": [{ "provider": "openai", "model": "x", "baseUrl": "http://u:p@h/v1" }] } }',
  '1:73: “routes.code.0.baseUrl” must hold no password and no “?” part; name a key with "keyName" instead.',
);
mistake(
  'an address that is none',
  '{ "routes": { "code": [{ "provider": "openai", "model": "x", "baseUrl": "file:///etc" }] } }',
  '1:73: “routes.code.0.baseUrl” must be an http or https address.',
);

test('comments, trailing commas and a byte order mark are fine', async () => {
  const { routes } = await readRouteConfig(
    '\uFEFF{ // mine\n "routes": { "code": ["openai/a/b", ], } }',
    FILE,
  );
  assert.deepEqual(routes.get('code'), {
    file: FILE,
    strategy: 'ordered',
    deployments: [{ id: 'openai/a/b', provider: 'openai', model: 'a/b', weight: 1 }],
  });
});

mistake(
  'a strategy that is none',
  '{ "routes": { "code": { "strategy": "best", "deployments": ["demo/x"] } } }',
  '1:37: “routes.code.strategy” must be one of ordered, weighted, least-busy, lowest-latency, lowest-cost.',
);
mistake(
  'a weight of nothing',
  '{ "routes": { "code": [{ "provider": "demo", "model": "x", "weight": 0 }] } }',
  '1:70: “routes.code.0.weight” must be above 0.',
);
mistake(
  'a budget without an amount',
  '{ "budgets": { "day": {} } }',
  '1:23: “budgets.day” must hold "usd" or "tokens".',
);
mistake(
  'a price below nothing',
  '{ "routes": { "code": [{ "provider": "openai", "model": "x", "price": { "input": -1, "output": 1 } }] } }',
  '1:82: “routes.code.0.price.input” must not be below 0.',
);

test('a route says how its deployments are chosen, and who takes over', async () => {
  const { routes } = await routesOf({
    config: JSON.stringify({
      routes: {
        code: {
          strategy: 'weighted',
          deployments: [
            { provider: 'openai', model: 'gpt-5', weight: 3, contextWindow: 1000 },
            'anthropic/claude-sonnet-4-6',
          ],
          onContextLength: 'long-context',
          onContentPolicy: 'reasoning',
        },
      },
    }),
    env: { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k' },
  });
  const { deployments = [], ...route } = routes.get('code') ?? {};
  assert.deepEqual(route, {
    name: 'code',
    strategy: 'weighted',
    onContextLength: 'long-context',
    onContentPolicy: 'reasoning',
  });
  assert.deepEqual(
    deployments.map(({ weight, contextWindow }) => [weight, contextWindow]),
    [
      [3, 1000],
      [1, 1_000_000],
    ],
  );
});

test('a workspace file changes the user’s routes, and cannot raise the user’s budgets', async () => {
  const own = await readRouteConfig(
    '{ "routes": { "code": ["openai/a"], "fast": ["openai/b"] }, "budgets": { "day": { "usd": 5 }, "agents": { "coder": { "usd": 1 } } } }',
    'settings',
  );
  const file = await readRouteConfig(
    '{ "routes": { "code": ["demo/c"] }, "budgets": { "day": { "usd": 50, "tokens": 9 }, "agents": { "coder": { "usd": 0.5 } } } }',
    FILE,
  );
  const merged = mergeConfigs(file, own);
  assert.ok(merged);
  assert.deepEqual(
    [...merged.routes].map(([name, { deployments }]) => `${name} ${deployments[0]?.id}`),
    ['code demo/c', 'fast openai/b'],
  );
  assert.deepEqual(merged.budgets.day, { usd: 5, tokens: 9 });
  assert.deepEqual(merged.budgets.agents, new Map([['coder', { usd: 0.5 }]]));
});

function scrubbed(text: string, key: string | undefined, expected: string): void {
  test(`scrub ${text}`, () => assert.equal(scrubKey(text, key), expected));
}

scrubbed('Incorrect API key provided: my-odd-key.', 'my-odd-key', 'Incorrect API key provided: [key].');
scrubbed(
  'Incorrect API key provided: sk-proj-ab*****************wxyz',
  undefined,
  'Incorrect API key provided: [key]',
);
scrubbed('Authorization: Bearer abcdef', undefined, 'Authorization: Bearer [key]');
scrubbed('the risk-averse task-1', undefined, 'the risk-averse task-1');
