import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EmbedderSetting } from '../../extension/src/core/memory/embedding/index.ts';
import {
  embedderRows,
  isLoopback,
  type FoundOllama,
} from '../../extension/src/vscode/memory/embedder/choices.ts';

const here = 'http://127.0.0.1:11434';

function rows(current?: EmbedderSetting, ollama?: FoundOllama) {
  return embedderRows(current, ollama);
}

test('none comes first, is in use by default, and says that nothing leaves the machine', () => {
  const [none] = rows();
  assert.equal(none?.wanted, 'none');
  assert.equal(none.description, 'in use');
  assert.match(none.detail, /Nothing leaves this machine/);
});

test('what sends texts away says so', () => {
  for (const { detail, wanted } of rows()) {
    const isSent = wanted === 'ask-server' || (typeof wanted === 'object' && wanted.provider === 'openai');
    assert.equal(/\bsen(?:ds|t)\b/i.test(detail), isSent, detail);
  }
});

test('the models of an Ollama that runs are offered in the place of a suggestion', () => {
  const found = rows(undefined, { baseUrl: here, embedders: ['nomic-embed-text', 'bge-m3'] });
  const ollama = found.filter(({ label }) => label.startsWith('Ollama: '));
  assert.deepEqual(
    ollama.map(({ wanted }) => wanted),
    [
      { provider: 'ollama', model: 'nomic-embed-text', baseUrl: here },
      { provider: 'ollama', model: 'bge-m3', baseUrl: here },
    ],
  );
  for (const { detail } of ollama) assert.match(detail, /on this machine; nothing leaves it/);
  assert.ok(!found.some(({ detail }) => /None answers/.test(detail)));
});

test('an Ollama elsewhere is a server that texts are sent to', () => {
  const [row] = rows(undefined, { baseUrl: 'http://box:11434', embedders: ['bge-m3'] }).filter(({ label }) =>
    label.startsWith('Ollama: '),
  );
  assert.match(row?.detail ?? '', /Sends the text .* http:\/\/box:11434/);
});

test('without one, or without a model in it, the suggestion says what is missing', () => {
  const detail = (ollama?: FoundOllama) =>
    rows(undefined, ollama).find(({ wanted }) => typeof wanted === 'object' && wanted.provider === 'ollama')
      ?.detail;
  assert.match(detail() ?? '', /None answers now\.$/);
  assert.match(detail({ baseUrl: here, embedders: [] }) ?? '', /has no embedding model yet\.$/);
});

test('the one in use says so', () => {
  const current: EmbedderSetting = { provider: 'ollama', model: 'bge-m3' };
  const used = rows(current, { baseUrl: here, embedders: ['bge-m3'] }).filter(
    (row) => row.description === 'in use',
  );
  assert.deepEqual(
    used.map(({ label }) => label),
    ['Ollama: bge-m3'],
  );
});

test('only addresses of this machine are this machine', () => {
  for (const address of [here, 'http://localhost:1/v1', 'http://[::1]:8080'])
    assert.ok(isLoopback(address), address);
  for (const address of ['https://api.openai.com', 'http://127.example.com', 'http://10.0.0.1', 'nothing'])
    assert.ok(!isLoopback(address), address);
});
