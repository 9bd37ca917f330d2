import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { said } from '../support/docker-world.ts';
import { engineForTests } from '../support/docker.ts';
import { canMakeCertificates, makeCertificates } from '../support/tls-engine.ts';
import { hostWorld } from '../support/tool-world.ts';

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** The Node of the image may be another one than that of the tests. */
test('the server web fetches from its container by the proxy alone: plain pages, and https through a tunnel', async (t) => {
  const found = await engineForTests();
  if (found.kind !== 'ready' || !canMakeCertificates()) {
    t.skip(found.kind === 'ready' ? 'openssl is not here' : found.reason);
    return;
  }
  t.after(() => found.stop());
  const folder = mkdtempSync(join(tmpdir(), 'strata-web-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const page = '<html><body><h1>Hello</h1><p>From <b>here</b>.</p></body></html>';
  const plain = await listening(
    t,
    createHttp((_request, response) => response.setHeader('content-type', 'text/html').end(page)),
  );
  const certificates = makeCertificates(join(folder, 'own'));
  const secure = await listening(
    t,
    createHttps(
      {
        key: readFileSync(join(certificates, 'server-key.pem')),
        cert: readFileSync(join(certificates, 'server-cert.pem')),
      },
      (_request, response) => response.end(page),
    ),
  );
  const { host, write, remove } = hostWorld();
  t.after(remove);
  write('.strata/tools.jsonc', {
    servers: { web: { network: [`localhost:${plain}`, `localhost:${secure}`] } },
  });
  const signal = AbortSignal.timeout(200_000);
  await host.setUp('web', { agreed: true, signal, onProgress: () => undefined });
  const { registry, dispose } = await host.open({
    place: host.nowhere,
    startAhead: false,
    onProgress: () => undefined,
  });
  t.after(dispose);
  const fetched = async (url: string): Promise<string> =>
    said(await registry.call('web_fetch', { arguments: { url }, signal, onOutput: () => undefined }));
  assert.match(await fetched(`http://localhost:${plain}/`), /# Hello\n\nFrom \*\*here\*\*\./);
  // The tunnel leads to the site, whose certificate nobody in the container has reason to trust.
  assert.match(await fetched(`https://localhost:${secure}/`), /certificate/);
  assert.match(await fetched(`http://localhost:${plain + 1}/`), /not allowed|may not reach/);
});
