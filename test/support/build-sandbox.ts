import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Engine } from '../../extension/src/node/docker/index.ts';
import { prepareImage } from '../../extension/src/node/docker/images.ts';

/** Builds something of `sandbox/` as the product ships it, and its image; returns the image's id. */
export async function sandboxImage(engine: Engine, name: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-sandbox-'));
  const sources = join(import.meta.dirname, '../../sandbox', name);
  try {
    await build({
      entryPoints: [join(sources, 'src/server.ts')],
      outfile: join(folder, name, 'server.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      logLevel: 'error',
    });
    cpSync(join(sources, 'Dockerfile'), join(folder, name, 'Dockerfile'));
    const request = {
      name,
      serversDir: folder,
      folder,
      base: 'node:22-slim',
      signal: AbortSignal.timeout(180_000),
    };
    return (await prepareImage(engine, { kind: 'built-in' }, { ...request, onProgress: () => undefined })).id;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
