import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/**
 * How the trace panel is bundled: `trace.js` and `trace.css` in `outdir`. Used by the build and by the tests of the panel.
 * @param {string} outdir
 * @returns {import('esbuild').BuildOptions}
 */
export function panelBundle(outdir) {
  return {
    entryPoints: { trace: join(folder, 'src/main.ts') },
    outdir,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    // The Chromium of VS Code 1.106, the oldest that the extension runs in.
    target: 'chrome138',
    loader: { '.svg': 'text' },
    legalComments: 'none',
    logLevel: 'warning',
  };
}
