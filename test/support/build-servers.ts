import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Builds the servers as the product ships them and returns the folder that holds them. */
export async function buildServers(
  only?: readonly string[],
): Promise<{ readonly folder: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-servers-'));
  const sources = join(import.meta.dirname, '../../mcp-servers');
  const names = readdirSync(sources).filter((name) => existsSync(join(sources, name, 'src/server.ts')));
  for (const name of only ?? names) {
    await build({
      entryPoints: [join(sources, name, 'src/server.ts')],
      outfile: join(folder, name, 'server.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      logLevel: 'error',
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    });
    cpSync(join(sources, name, 'Dockerfile'), join(folder, name, 'Dockerfile'));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
