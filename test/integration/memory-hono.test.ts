import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { npmPack } from '../support/npm-package.ts';
import { limit, place } from './memory-fixture.ts';

test('a real package: hono is indexed and its parts are found', async (t) => {
  const download = mkdtempSync(path.join(tmpdir(), 'strata-hono-'));
  t.after(() => rmSync(download, { recursive: true, force: true }));
  const archive = npmPack(t, 'hono', download);
  if (archive === undefined) return;
  const { folder, open } = place(t);
  execFileSync('tar', ['-xzf', archive, '-C', folder, '--strip-components=1']);
  const memory = open();
  const report = await memory.index({ signal: limit() });
  assert.ok(report.files > 300 && report.chunks > 1_500, JSON.stringify(report));

  const check = async (query: string, expected: RegExp): Promise<void> => {
    const hits = await memory.search(query, { limit: 5, signal: limit() });
    const places = hits.map((hit) => hit.path);
    assert.ok(
      places.some((place) => expected.test(place)),
      `${query}: ${places.join(', ')}`,
    );
    assert.equal(new Set(hits.map((hit) => hit.text)).size, hits.length);
  };
  await check('parse cookie header', /(?:utils|helper)\/cookie/);
  await check('basic auth middleware', /middleware\/basic-auth/);
  await check('how are request bodies limited in size', /middleware\/body-limit/);
  await check('match a route with a trie', /trie-router/);
  await check('verify JWT signature', /jwt/);
  assert.equal((await memory.index({ signal: limit() })).changed, 0);
});
