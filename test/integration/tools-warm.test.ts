import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { said } from '../support/docker-world.ts';
import { engineForTests } from '../support/docker.ts';
import { hostWorld } from '../support/tool-world.ts';

test('a run takes servers that were started ahead, and they start again where its copy is', async (t) => {
  const found = await engineForTests();
  if (found.kind !== 'ready') {
    t.skip(found.reason);
    return;
  }
  const { host, workspace, remove } = hostWorld();
  t.after(async () => {
    await remove();
    await found.stop();
  });
  host.warm('write');
  const slot = await host.takeSlot('write');
  assert.ok(slot, 'there is a slot');
  assert.deepEqual([...slot.servers.keys()], ['files', 'shell']);
  const copy = join(dirname(workspace), 'storage', 'files', 'copies', 'r-1');
  assert.equal(await slot.moveTo(copy), true);
  assert.equal(existsSync(copy), true);
  writeFileSync(join(copy, 'a.txt'), 'a\n');
  const place = { folder: copy, ownCopy: true, readOnly: false, run: 'r-1' };
  const { registry, dispose } = await host.open({
    place,
    slot,
    startAhead: true,
    onProgress: () => undefined,
  });
  const read = async (): Promise<string> =>
    said(
      await registry.call('files_read', {
        arguments: { path: 'a.txt' },
        signal: AbortSignal.timeout(60_000),
        onOutput: () => undefined,
      }),
    );
  assert.equal(await read(), 'a\n');
  await host.stop('files');
  assert.equal(await read(), 'a\n');
  await dispose();
});
