import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** The servers' folders. */
export const serverNames = readdirSync(folder).filter((name) =>
  existsSync(join(folder, name, 'src/server.ts')),
);

/**
 * How servers are bundled: `<name>/server.mjs` in `outdir`. Used by the build and by the tests.
 *
 * The file is both an ES module, which `node server.mjs` starts, and a script, of which alone Node makes a start-up
 * snapshot. So it has neither `import` nor `import.meta`, and takes Node's modules in the one way that both have. That
 * way also never warns: what a script requires in a snapshot is named on the standard error.
 * @param {string} outdir
 * @param {readonly string[]} names
 * @returns {import('esbuild').BuildOptions}
 */
export function serverBundles(outdir, names = serverNames) {
  return {
    entryPoints: Object.fromEntries(
      names.map((name) => [`${name}/server`, join(folder, name, 'src/server.ts')]),
    ),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'iife',
    platform: 'node',
    target: 'node22',
    supported: { 'dynamic-import': false },
    banner: { js: '"use strict"; var require = process.getBuiltinModule;' },
    legalComments: 'none',
    logLevel: 'warning',
  };
}
