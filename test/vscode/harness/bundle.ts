import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { projectRoot } from '../../../scripts/editor/index.ts';

const cache = path.join(projectRoot, '.cache', 'vscode-tests');

/** What this run keeps on the disk; `removeBundles` removes it. */
export const folderOfRun = (): string => path.join(cache, String(process.pid));

/**
 * Bundles the suites for the extension host into a folder inside the project, so that `mocha` is found from there.
 * Folders of runs that were killed are removed at the next run.
 */
export async function bundleHostSuites(
  suites: string,
): Promise<{ readonly folder: string; readonly entry: string }> {
  await removeAbandoned();
  const folder = path.join(folderOfRun(), path.basename(suites));
  await mkdir(folder, { recursive: true });
  const files = (await readdir(suites))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join(suites, file));
  const entry = path.join(folder, 'index.cjs');
  const common: BuildOptions = {
    bundle: true,
    external: ['vscode', 'mocha'],
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    sourcemap: 'inline',
    outExtension: { '.js': '.cjs' },
    logLevel: 'warning',
  };
  await build({ ...common, entryPoints: files, outdir: folder });
  await build({ ...common, entryPoints: [path.join(import.meta.dirname, 'host-entry.ts')], outfile: entry });
  return { folder, entry };
}

export async function removeBundles(): Promise<void> {
  await rm(folderOfRun(), { recursive: true, force: true });
}

async function removeAbandoned(): Promise<void> {
  const names = await readdir(cache).catch(() => []);
  for (const name of names) {
    try {
      process.kill(Number(name), 0);
    } catch {
      // No such process: nobody will come back for its folder.
      await rm(path.join(cache, name), { recursive: true, force: true });
    }
  }
}
