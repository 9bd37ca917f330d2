import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRouteConfig } from '../../extension/src/core/models/route-config/index.ts';
import { EXAMPLE } from '../../extension/src/vscode/models/example-file.ts';
import { offsetOf } from '../../extension/src/vscode/models/place-of-route.ts';

test('the example is a file that changes nothing', () => {
  const read = parseRouteConfig(EXAMPLE, 'models.jsonc');
  assert.equal(read.routes.size, 0);
  assert.deepEqual([...read.budgets.agents, ...read.budgets.routes], []);
  assert.equal(read.budgets.day, undefined);
});

test('what the example shows in comments is right as it stands, and is every option', () => {
  // A comment that is an option holds JSON; one that explains begins with a capital letter, or lists words.
  const text = EXAMPLE.replaceAll(/^(\s*)\/\/ (?= *["{}\]])/gm, '$1').replaceAll(/^ +\/\/ *\/\/.*$/gm, '');
  const read = parseRouteConfig(text, 'models.jsonc');
  assert.deepEqual([...read.routes.keys()], ['code', 'reasoning', 'fast', 'review']);
  assert.equal(read.routes.get('reasoning')?.strategy, 'weighted');
  assert.equal(read.routes.get('reasoning')?.onContextLength, 'long-context');
  assert.equal(read.routes.get('reasoning')?.onContentPolicy, 'code');
  const { provider, model, ...options } = read.routes.get('fast')?.deployments[0] ?? {};
  assert.deepEqual([provider, model], ['openai', 'gpt-5-mini']);
  assert.deepEqual(Object.keys(options).sort(), [
    ...['api', 'baseUrl', 'contextWindow', 'id', 'keyName', 'price', 'weight'],
  ]);
  assert.equal(read.autoAsks, true);
  assert.deepEqual(read.budgets.day, { usd: 20, tokens: 20_000_000 });
  assert.deepEqual([...read.budgets.agents.keys(), ...read.budgets.routes.keys()], ['coder', 'reasoning']);
});

test('a route and a deployment are found where they are written', () => {
  const text = `{
  // Routes
  "routes": {
    "code": ["openai/a", { "provider": "openai", "model": "a", "baseUrl": "https://x.example", "keyName": "work" }],
    "fast": { "strategy": "weighted", "deployments": [{ "provider": "ollama", "model": "b" },] },
  },
}`;
  const at = (route: string, deployment?: Parameters<typeof offsetOf>[2]): string | undefined => {
    const offset = offsetOf(text, route, deployment);
    return offset === undefined ? undefined : text.slice(offset, offset + 24);
  };
  assert.equal(at('code'), '"code": ["openai/a", { "');
  assert.equal(at('code', { id: '1', provider: 'openai', model: 'a' }), '"openai/a", { "provider"');
  const bound = { baseUrl: 'https://x.example', keyName: 'work@https://x.example' };
  assert.equal(at('fast', { id: '2', provider: 'ollama', model: 'b' }), '{ "provider": "ollama", ');
  assert.equal(at('code', { id: '3', provider: 'openai', model: 'a', ...bound }), '{ "provider": "openai", ');
  assert.equal(at('code', { id: '4', provider: 'openai', model: 'z', ...bound }), '"code": ["openai/a", { "');
  assert.equal(at('long-context'), undefined);
  assert.equal(offsetOf('{ "routes": ', 'code'), undefined);
});
