import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import type { SignInStore } from '../../extension/src/core/tools/index.ts';
import { openHttpServer } from '../../extension/src/node/mcp/index.ts';
import { said } from '../support/docker-world.ts';
import { signInServer, type SignInServer } from '../support/sign-in-server.ts';

/** As the editor's secret storage: it outlives the processes that use it. */
function secretStorage(): SignInStore & { readonly kept: ReadonlyMap<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: (key) => Promise.resolve(kept.get(key)),
    set: (key, value) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, value);
      return Promise.resolve();
    },
  };
}

/** A new process of Strata: what its call of the server's tool answers, and how often it opened the browser. */
async function call(
  { url }: SignInServer,
  signIns: SignInStore,
  browser: (url: string) => Promise<boolean> = agree,
): Promise<string> {
  let opened = 0;
  const server = openHttpServer({
    name: 'far',
    url,
    effectOf: () => 'change',
    callLimitMs: 20_000,
    surroundings: { signIns, openAddress: (address) => ((opened += 1), browser(address)) },
  });
  try {
    const signal = AbortSignal.timeout(60_000);
    const result = await server.call('far_do', { arguments: {}, signal, onOutput: () => undefined });
    return `${said(result)}, ${opened} × browser`;
  } catch (error) {
    if (!isStrataError(error)) throw error;
    return `${error.code}: ${error.message}, ${opened} × browser`;
  } finally {
    await server.dispose();
  }
}

/** A person who says yes: the browser follows the way back to the port of this machine. */
async function agree(url: string): Promise<boolean> {
  const response = await fetch(url);
  await response.body?.cancel();
  return response.ok;
}

async function serverFor(t: TestContext): Promise<SignInServer> {
  const server = await signInServer();
  t.after(() => server.close());
  return server;
}

test('a person signs in once; later processes use what was kept, and refresh it without anybody', async (t) => {
  const server = await serverFor(t);
  const store = secretStorage();
  assert.equal(await call(server, store), 'done, 1 × browser');
  assert.deepEqual(server.asked, ['register', 'authorize', 'authorization_code']);
  assert.equal(await call(server, store), 'done, 0 × browser');
  assert.equal(server.asked.length, 3, 'nothing was asked for again');

  server.expire({ refreshable: true });
  assert.equal(await call(server, store), 'done, 0 × browser');
  server.expire({ refreshable: true });
  assert.equal(
    await call(server, store),
    'done, 0 × browser',
    'the refreshed token brought one that refreshes',
  );
  assert.deepEqual(server.asked.slice(3), ['refresh_token', 'refresh_token']);

  server.expire({ refreshable: false });
  assert.equal(await call(server, store), 'done, 1 × browser');
});

test('what is kept of a sign-in is bound to the address of its server', async (t) => {
  const [one, other] = [await serverFor(t), await serverFor(t)];
  const store = secretStorage();
  await call(one, store);
  assert.equal(await call(other, store), 'done, 1 × browser');
  assert.equal(store.kept.size, 2);
  assert.ok(other.asked.includes('register'), 'the client of one is not used with the other');
});

test('a sign-in that is refused, that comes back forged, or that is damaged is told apart', async (t) => {
  const server = await serverFor(t);
  const store = secretStorage();
  const back = (query: Record<string, string>) => async (address: string) => {
    const { searchParams } = new URL(address);
    const redirect = new URL(searchParams.get('redirect_uri') ?? '');
    redirect.search = new URLSearchParams({ state: searchParams.get('state') ?? '', ...query }).toString();
    return agree(redirect.href);
  };
  assert.match(
    await call(server, store, back({ error: 'access_denied' })),
    /^tool-server-sign-in: .*refused in the browser/,
  );
  assert.match(await call(server, store, back({ code: 'guessed' })), /^tool-server-sign-in: /);
  // Whoever guesses the port has no state, and does not end the sign-in that goes on.
  const forged = async (address: string) => {
    assert.equal(await back({ code: 'guessed', state: 'guessed' })(address), false);
    return agree(address);
  };
  assert.equal(await call(server, store, forged), 'done, 1 × browser');
  for (const key of store.kept.keys()) await store.set(key, '{"version":1,"tokens":7}');
  assert.equal(await call(server, store), 'done, 1 × browser');
});
