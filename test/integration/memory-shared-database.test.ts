import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { test, type TestContext } from 'node:test';
import { limit, place } from './memory-fixture.ts';

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A service that lets nobody in. */
async function closedService(t: TestContext): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    asked.push({ path: url, headers });
    response.writeHead(401, { 'content-type': 'text/plain' }).end('Invalid API key');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `http://127.0.0.1:${String(address.port)}`, asked };
}

test('the service of a database is asked at its address, for this database, with the key; one that refuses is named', async (t) => {
  const { url, asked } = await closedService(t);
  const { open, write } = place(t);
  write({ 'src/tax.ts': 'export const tax = 0.19;\n' });
  const storageOptions = { api_key: 'key-of-the-team', region: 'us-east-1', host_override: url };
  const memory = open({
    shared: () => Promise.resolve({ uri: 'db://team', prefix: 'shop-1-', storageOptions }),
  });
  await assert.rejects(memory.index({ signal: limit() }), (error: Error) => {
    assert.match(error.message, /db:\/\/team/);
    assert.doesNotMatch(error.message, /key-of-the-team/);
    return true;
  });
  const [first] = asked;
  assert.match(first?.path ?? '', /^\/v1\/table\//);
  assert.equal(first?.headers['x-lancedb-database'], 'team');
  assert.ok(asked.every(({ headers }) => headers['x-api-key'] === 'key-of-the-team'));
});
