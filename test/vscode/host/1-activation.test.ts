import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import * as z from 'zod';
import { loadedBundles, strata } from './strata.ts';

const manifest = z.object({
  version: z.string(),
  contributes: z.object({ commands: z.array(z.object({ command: z.string() })) }),
});

describe('activation', () => {
  it('loads the main bundle and nothing else', async () => {
    await strata();
    assert.deepEqual(loadedBundles(), ['main.cjs']);
  });

  it('offers the API, and says how long it took', async () => {
    const api = await strata();
    const { version } = manifest.parse(vscode.extensions.getExtension('strata.strata')?.packageJSON);
    assert.equal(api.version, version);
    assert.ok(api.activation.ms > 0);
  });

  it('has a command for each one in the manifest', async () => {
    await strata();
    const { contributes } = manifest.parse(vscode.extensions.getExtension('strata.strata')?.packageJSON);
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = contributes.commands.filter(({ command }) => !known.has(command));
    assert.deepEqual(missing, []);
  });
});
