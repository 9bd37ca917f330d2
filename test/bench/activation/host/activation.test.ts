// Runs inside the extension host and writes down what an activation cost there.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod';

const api = z.object({ activation: z.object({ ms: z.number() }) });

describe('activation', () => {
  it('is measured', async () => {
    const extension = vscode.extensions.getExtension('strata.strata');
    if (extension === undefined) throw new Error('The extension is not installed in this host');
    const { activation } = api.parse(await extension.activate());
    const dist = path.join(extension.extensionPath, 'dist');
    const load = createRequire(path.join(dist, 'main.cjs'));
    const loaded = Object.keys(load.cache).filter((file) => file.startsWith(dist));
    const result = { activateMs: activation.ms, loadMs: loadTime(load, dist), loaded };
    writeFileSync(process.env['STRATA_BENCH_RESULT'] ?? '', JSON.stringify(result));
  });
});

/** Evaluates the entry bundle once more, as the host does before it calls `activate()`. */
function loadTime(load: NodeJS.Require, dist: string): number {
  const entry = path.join(dist, 'main.cjs');
  const kept = load.cache[entry];
  Reflect.deleteProperty(load.cache, entry);
  const started = performance.now();
  load(entry);
  const ms = performance.now() - started;
  if (kept !== undefined) load.cache[entry] = kept;
  return ms;
}
