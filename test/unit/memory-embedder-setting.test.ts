import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  embedderFrom,
  embedderOfEnvironment,
  readEmbedderSetting,
} from '../../extension/src/core/memory/embedding/index.ts';
import type { EmbedderSetting } from '../../extension/src/core/memory/embedding/index.ts';
import type { Environment } from '../../extension/src/core/models/index.ts';
import { createEnvironmentKeys } from '../../extension/src/core/models/keys.ts';

const KEY = 'sk-test-0123456789abcdef';

function mistake(value: unknown): string {
  try {
    return `taken as ${JSON.stringify(readEmbedderSetting(value))}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

test('nothing, null and an empty object are no embedder', () => {
  for (const none of [undefined, null, {}]) assert.equal(readEmbedderSetting(none), undefined);
});

test('a setting is taken as it stands', () => {
  const setting = { provider: 'openai', model: ' m ', baseUrl: 'http://box:1/v1', weight: 0.5 };
  assert.deepEqual(readEmbedderSetting(setting), { ...setting, model: 'm' });
});

test('what is wrong with a setting is named', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    ['ollama', /“strata\.memory\.embedder” is wrong: /],
    [{ provider: 'cohere', model: 'm' }, /has a wrong “provider”/],
    [{ provider: 'ollama' }, /has a wrong “model”/],
    [{ provider: 'ollama', model: '  ' }, /has a wrong “model”/],
    [{ provider: 'ollama', model: 'm', key: KEY }, /is wrong: .*key/],
    [{ provider: 'ollama', model: 'm', dimensions: 7 }, /has a wrong “dimensions”/],
    [{ provider: 'ollama', model: 'm', weight: -1 }, /has a wrong “weight”/],
    [{ provider: 'ollama', model: 'm', baseUrl: 'box' }, /“baseUrl” that is no address/],
    [{ provider: 'ollama', model: 'm', baseUrl: 'file:///etc' }, /neither http:\/\/ nor https:\/\//],
    [{ provider: 'ollama', model: 'm', baseUrl: `http://u:${KEY}@box` }, /has a name or a password in it/],
    [{ provider: 'ollama', model: 'm', baseUrl: 'http://box/?a=1' }, /after a “\?”/],
  ];
  for (const [value, message] of wrong) {
    assert.match(mistake(value), message);
    assert.ok(!mistake(value).includes(KEY));
  }
});

test('a terminal chooses by a variable, in short or as JSON, and hears of mistakes in it', () => {
  const of = (text: string | undefined): EmbedderSetting | undefined =>
    embedderOfEnvironment(text === undefined ? {} : { STRATA_EMBEDDER: text });
  assert.equal(of(undefined), undefined);
  assert.equal(of('  '), undefined);
  assert.deepEqual(of('ollama/nomic-embed-text:latest'), {
    provider: 'ollama',
    model: 'nomic-embed-text:latest',
  });
  assert.deepEqual(of('transformers/Xenova/bge-small-en-v1.5'), {
    provider: 'transformers',
    model: 'Xenova/bge-small-en-v1.5',
  });
  const long = { provider: 'openai', model: 'm', baseUrl: 'http://127.0.0.1:1/v1' };
  assert.deepEqual(of(JSON.stringify(long)), long);
  for (const wrong of ['nomic', 'cohere/m', 'ollama/', '/m', '{"provider":', '{"provider":"ollama"}'])
    assert.throws(() => of(wrong), { code: 'embedder-setting', message: /STRATA_EMBEDDER/ }, wrong);
});

/** What would be called, without what says where local models are kept. */
async function called(setting: EmbedderSetting, env: Environment = {}): Promise<string> {
  try {
    const keys = createEnvironmentKeys(env);
    const { baseUrl, key } = await embedderFrom(setting, { keys, env, downloads: '/models' });
    return `${baseUrl} with ${key ?? 'no key'}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

const openai: EmbedderSetting = { provider: 'openai', model: 'm' };

test('an embedder of OpenAI needs a key, and takes it from the environment together with its address', async () => {
  assert.equal(await called(openai), 'embedder-auth');
  assert.equal(await called(openai, { OPENAI_API_KEY: 'sk-1' }), 'https://api.openai.com/v1 with sk-1');
  const moved = { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'https://gateway.example/openai/' };
  assert.equal(await called(openai, moved), 'https://gateway.example/openai with sk-1');
  assert.equal(await called(openai, { OPENAI_API_KEY: 'sk 1' }), 'embedder-auth');
});

test('a key never goes to an address that somebody else wrote', async () => {
  const elsewhere = { ...openai, baseUrl: 'https://box.example' };
  assert.equal(await called(elsewhere, { OPENAI_API_KEY: 'sk-1' }), 'https://box.example/v1 with no key');
  const moved = { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'https://gateway.example' };
  assert.equal(await called(elsewhere, moved), 'https://box.example/v1 with no key');
});

test('a key of a name of its own goes to the address that it is bound to', async () => {
  const bound = { STRATA_KEY_WORK: 'sk-2', STRATA_KEY_WORK_URL: 'https://box.example/v1' };
  const named = (baseUrl: string): EmbedderSetting => ({ ...openai, baseUrl, keyName: 'work' });
  assert.equal(await called(named('https://box.example/v1/'), bound), 'https://box.example/v1 with sk-2');
  assert.equal(await called(named('https://evil.example/v1'), bound), 'embedder-auth');
});

test('Ollama and a local model need no key, and have addresses of their own', async () => {
  assert.equal(await called({ provider: 'ollama', model: 'm' }), 'http://127.0.0.1:11434 with no key');
  const local: EmbedderSetting = { provider: 'transformers', model: 'm' };
  assert.equal(await called(local), 'https://huggingface.co with no key');
  const mirror = { HF_ENDPOINT: 'https://mirror.example/', STRATA_NPM_REGISTRY: 'https://npm.example/' };
  const keys = createEnvironmentKeys(mirror);
  const config = await embedderFrom(local, { keys, env: mirror, downloads: '/models' });
  assert.deepEqual(
    [config.baseUrl, config.downloads],
    ['https://mirror.example', { folder: '/models', registry: 'https://npm.example' }],
  );
});
