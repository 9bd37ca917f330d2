import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { serverBundles, serverNames } from '../../mcp-servers/bundle.mjs';
import { startScript } from '../../mcp-servers/snapshot.ts';

/** Makes `server.blob` and `start.cjs` beside each built server, as its image does. */
export function makeSnapshots(folder: string, environment: Readonly<Record<string, string>> = {}): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name, 'server.mjs');
    const blob = join(folder, name, 'server.blob');
    // Whatever Node says here, it says in no server's log.
    execFileSync(process.execPath, ['--snapshot-blob', blob, '--build-snapshot', file], {
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    writeFileSync(join(folder, name, 'start.cjs'), startScript(file));
  }
}

/** What follows `node` on the command line of a built server. */
export function serverArguments(folder: string, name: string, way: 'file' | 'snapshot'): readonly string[] {
  const file = (of: string) => join(folder, name, of);
  return way === 'file' ? [file('server.mjs')] : ['--snapshot-blob', file('server.blob'), file('start.cjs')];
}

/** Builds the servers as the product ships them and returns the folder that holds them. */
export async function buildServers(
  only?: readonly string[],
): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-servers-'));
  const names = only ?? serverNames;
  await build({ ...serverBundles(folder, names), logLevel: 'error' });
  for (const name of names)
    cpSync(
      join(import.meta.dirname, '../../mcp-servers', name, 'Dockerfile'),
      join(folder, name, 'Dockerfile'),
    );
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
