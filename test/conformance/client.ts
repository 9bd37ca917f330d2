// One scenario of the official suite against Strata's client: `node client.ts <address>`. The suite names the scenario in
// the environment, starts the other side, and judges what it saw on the wire.
import { mkdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** The suite starts all scenarios at once, which is too much for a small machine: a few folders stand for its room. */
async function takeSlot(): Promise<() => Promise<void>> {
  const folder = process.env['STRATA_CONFORMANCE_SLOTS'];
  if (folder === undefined) return () => Promise.resolve();
  for (;;) {
    for (const name of ['a', 'b', 'c']) {
      const slot = path.join(folder, name);
      try {
        await mkdir(slot);
        return () => rmdir(slot);
      } catch {
        continue; // Somebody else is in it.
      }
    }
    await delay(50);
  }
}

const release = await takeSlot();
try {
  // Loaded in the slot: thirty at once would hold the suite's own servers up for longer than their limits.
  await import('./client-scenario.ts');
} finally {
  await release();
}
