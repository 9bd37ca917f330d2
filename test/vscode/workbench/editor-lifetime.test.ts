import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEditor } from '../../../scripts/editor/index.ts';

const editorModule = fileURLToPath(new URL('../../../scripts/editor/index.ts', import.meta.url));

const answers = async (url: string): Promise<number | undefined> =>
  await fetch(url, { redirect: 'manual' }).then(
    ({ status }) => status,
    () => undefined,
  );

async function becomes(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await condition()) return;
    await delay(100);
  }
  assert.fail(`it did not become true that ${what}`);
}

test('a server ends with its owner, also when the owner is killed, and its folders go with it', async (t) => {
  const scratch = await mkdtemp(path.join(tmpdir(), 'strata-lifetime-'));
  const script = `
    const { startEditor } = await import(${JSON.stringify(editorModule)});
    const [dataDir, extensionsDir] = [${JSON.stringify(path.join(scratch, 'd'))}, ${JSON.stringify(path.join(scratch, 'e'))}];
    const editor = await startEditor({ dataDir, extensionsDir, remove: [${JSON.stringify(scratch)}] });
    console.log(editor.url);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => owner.kill('SIGKILL'));
  const [line] = (await once(owner.stdout, 'data', { signal: AbortSignal.timeout(60_000) })) as [Buffer];
  const url = line.toString().trim();
  assert.equal(await answers(url), 200);
  owner.kill('SIGKILL');
  await becomes('the server is gone', async () => (await answers(url)) === undefined);
  await becomes('its folders are gone', () => !existsSync(scratch));
});

test('a server for a person answers only to the secret in its address', async (t) => {
  const scratch = await mkdtemp(path.join(tmpdir(), 'strata-token-'));
  const editor = await startEditor({
    ...{ dataDir: path.join(scratch, 'd'), extensionsDir: path.join(scratch, 'e'), remove: [scratch] },
    ...{ connectionToken: 'new', use: 'person' },
  });
  t.after(editor.stop);
  assert.equal(await answers(`http://127.0.0.1:${editor.port}/`), 403);
  assert.equal(await answers(`http://127.0.0.1:${editor.port}/?tkn=guess`), 403);
  assert.equal(await answers(editor.url), 302);
});
