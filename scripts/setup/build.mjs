import { join } from 'node:path';
import { root } from './project.mjs';
import { mustRun } from './run.mjs';

/** Builds everything into dist/. */
export async function build(log) {
  await mustRun(process.execPath, [join(root, 'esbuild.mjs')], {
    log,
    failed: 'The build failed.',
    action: 'Run `npm run build` to see it alone.',
  });
  return 'dist/';
}
