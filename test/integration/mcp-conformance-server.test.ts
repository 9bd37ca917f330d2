import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { conformanceSuite, runConformance } from '../support/conformance-suite.ts';
import type { Revision } from '../support/conformance-suite.ts';
import { everythingServer } from '../support/everything.ts';
import { gatewayWorld } from '../support/gateway-world.ts';
import { withToken } from '../support/with-token.ts';

const LIMIT_MS = 145_000;

// The suite fails on what it requires of a revision. What it runs beside that (extensions, scenarios of later releases) it
// does not score, so there is no list of expected failures.
describe('the official conformance suite, against a server behind the gateway', () => {
  conforms('2025-11-25');
  conforms('2026-07-28');
});

function conforms(revision: Revision): void {
  it(`finds all that ${revision} requires of a server`, async (t) => {
    const suite = await conformanceSuite(t);
    if (suite === undefined) return;
    const folder = mkdtempSync(path.join(tmpdir(), 'strata-conformance-'));
    const world = await gatewayWorld({
      oneSession: true,
      servers: () => [everythingServer()],
    });
    const session = await world.openSession({ name: 'warm-up', version: '1' });
    const proxy = await withToken(world.gateway.url('everything'), world.gateway.headers);
    try {
      // A machine that has just started is slow, and the suite's limits are for servers that are there.
      await session.call('everything_test_simple_text', {}, { signal: AbortSignal.timeout(LIMIT_MS) });
      const args = ['server', '--url', proxy.url, '--requirements', revision];
      const { code, output } = await runConformance(suite, args, { folder, limitMs: LIMIT_MS });
      assert.equal(code, 0, output.slice(-20_000));
      const [, passed] = /Total: (\d+) passed/.exec(output) ?? [];
      assert.ok(Number(passed) > 70, `only ${passed} checks were made:\n${output.slice(-5000)}`);
    } finally {
      await proxy.close();
      await world.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
