import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf } from '../../extension/src/node/providers/ollama.ts';

function host(given: string | undefined, expected: string | undefined): void {
  test(`OLLAMA_HOST=${given} → ${expected}`, () => assert.equal(addressOf(given), expected));
}

host(undefined, 'http://127.0.0.1:11434');
host('', 'http://127.0.0.1:11434');
host('0.0.0.0', 'http://127.0.0.1:11434');
host('0.0.0.0:8080', 'http://127.0.0.1:8080');
host(':8080', 'http://127.0.0.1:8080');
host('box', 'http://box:11434');
host('box:80', 'http://box');
host('[::1]', 'http://[::1]:11434');
host('https://models.example/', 'https://models.example');
host('http://box', 'http://box');
host('no such host', undefined);
