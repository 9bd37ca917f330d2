import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecretFilter, knowEnvironment } from '../../extension/src/core/redaction/index.ts';

// Made up, and put together here, so that no scanner takes this file for a leak.
const mixed = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0';
const samples: readonly (readonly [string, string])[] = [
  ['api key', `sk-ant-api03-${mixed}`],
  ['api key', `sk-proj-${mixed}`],
  ['api key', `gsk_${mixed}`],
  ['github token', `ghp_${mixed}`],
  ['github token', `github_pat_${mixed}`],
  ['gitlab token', `glpat-${mixed}`],
  ['aws key', `AKIA${'ABCD1234'.repeat(2)}`],
  ['google key', `AIza${mixed.slice(0, 35)}`],
  ['slack token', `xoxb-123456789012-${mixed}`],
  ['stripe key', `sk_live_${mixed}`],
  ['npm token', `npm_${mixed.slice(0, 36)}`],
  ['token', `eyJ${mixed}.eyJ${mixed}.${mixed}`],
  ['private key', `-----BEGIN RSA PRIVATE KEY-----\nMIIE${mixed}\n${mixed}==\n-----END RSA PRIVATE KEY-----`],
  ['private key', `-----BEGIN OPENSSH PRIVATE KEY-----\nMIIE${mixed}\n`],
];
const marked = (name: string): RegExp => new RegExp(`^\\[secret ${name} [0-9a-f]{6}\\]$`);

test('keys and tokens of well-known makers are found wherever they stand', () => {
  const { text, json } = createSecretFilter();
  for (const [name, secret] of samples) {
    assert.match(text(secret), marked(name), secret);
    const [before, after] = ['first line\n', '"; end'];
    const within = text(`${before}${secret}${after}`);
    assert.ok(within.startsWith(before) && within.endsWith(after), within);
    // A text in a text in a text, as arguments of calls are written.
    const nested = { of: JSON.stringify({ deep: JSON.stringify({ text: `\n${secret}\n` }) }) };
    assert.doesNotMatch(JSON.stringify(json(nested)), new RegExp(mixed.slice(0, 12)), secret);
    assert.doesNotThrow(() => JSON.parse(json(nested).of) as unknown);
  }
  assert.match(
    text(`authorization: Bearer ${mixed}`),
    /^authorization: Bearer \[secret token [0-9a-f]{6}\]$/,
  );
});

test('what only resembles one stays', () => {
  const { text } = createSecretFilter();
  for (const harmless of [
    'sk-loading-indicator-of-the-page',
    'task-1234567890-abcdefghij-klmnop',
    'bearer of this letter',
    'npm_config_registry',
    'the eyJ prefix',
    `sha256-${'0a'.repeat(32)}`,
    '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----',
  ])
    assert.equal(text(harmless), harmless);
});

test('a known value is named, also as it is written for an address, in Base64 or in JSON', () => {
  const filter = createSecretFilter();
  const secret = 'p@ss/w0rd+"né-xyz';
  filter.know('TOKEN', secret);
  for (const written of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    assert.equal(filter.text(`a ${written} b`), 'a [secret TOKEN] b');
  assert.match(filter.text(Buffer.from(`user:${secret}`).toString('base64')), /\[secret TOKEN\]/);
});

test('a value that could be a word of an event is no secret', () => {
  const filter = createSecretFilter();
  for (const value of ['ollama', 'step.finished', '123456789012', 'succeeded']) filter.know('KEY', value);
  const event = { type: 'step.finished', at: 123456789012, provider: 'ollama', outcome: 'succeeded' };
  assert.equal(filter.json(event), event);
});

test('names of variables say which values of the environment are secrets', () => {
  const filter = createSecretFilter();
  knowEnvironment(filter, {
    ACME_API_KEY: 'acme-123456789',
    DB_PASSWORD: 'hunter2hunter2',
    GOOGLE_APPLICATION_CREDENTIALS: '/home/me/key-123456.json',
    STRATA_KEY_WORK: 'work-123456789',
    STRATA_KEY_WORK_URL: 'https://models.example.org/v1',
    PATH: '/usr/bin1:/usr/local/bin2',
  });
  assert.equal(
    filter.text('acme-123456789 hunter2hunter2 work-123456789'),
    '[secret ACME_API_KEY] [secret DB_PASSWORD] [secret STRATA_KEY_WORK]',
  );
  for (const value of [
    '/home/me/key-123456.json',
    'https://models.example.org/v1',
    '/usr/bin1:/usr/local/bin2',
  ])
    assert.equal(filter.text(value), value);
});

test('what streams in never shows a part of a secret, however it is cut', () => {
  for (const [, secret] of samples) {
    for (const size of [1, 3, 7, 1000]) {
      const seen: string[] = [];
      const filter = createSecretFilter();
      filter.know('KNOWN', 'a secret of words 42');
      const write = filter.stream((piece) => seen.push(piece));
      const all = `before\n${secret}\nthen a secret of words 42, and Bearer ${mixed} after\n`;
      for (let at = 0; at < all.length; at += size) write(all.slice(at, at + size));
      const shown = seen.join('');
      assert.doesNotMatch(shown, new RegExp(`${mixed.slice(0, 8)}|secret of words`), `${secret} by ${size}`);
      assert.match(shown, /^before\n/);
      if (secret.includes('OPENSSH')) continue;
      assert.match(shown, /then \[secret KNOWN\], and Bearer \[secret token [0-9a-f]{6}\] after\n$/);
    }
  }
});

test('the same text comes out the same, however often it goes through', () => {
  const { text, jsonText } = createSecretFilter();
  for (const [, secret] of samples) {
    const once = text(`x ${secret} y`);
    assert.equal(text(once), once);
    assert.equal(jsonText(JSON.stringify({ secret })), JSON.stringify({ secret: text(secret) }));
  }
});

test('two keys of one maker stay two', () => {
  const { text } = createSecretFilter();
  assert.notEqual(text(`ghp_${mixed}`), text(`ghp_${[...mixed].reverse().join('')}`));
});
