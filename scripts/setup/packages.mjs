import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectNode } from './node.mjs';
import { phase } from './phase.mjs';
import { root } from './project.mjs';
import { mustRun, run } from './run.mjs';

// Install scripts stay off: none is needed (esbuild's only replaces a launcher), and one aborts under Node 20.
const FLAGS = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

/**
 * Brings node_modules to what package-lock.json says. npm keeps its own record of what it installed there, so a second
 * run only compares two files and prints nothing; that also holds for a developer who ran npm by hand.
 */
export async function ensurePackages(log) {
  if (!packagesAreCurrent()) await phase('npm packages', () => install(log));
}

async function install(log) {
  // `npm ci` deletes node_modules first, so an installation that exists is brought up to date in place.
  const first = existsSync(join(root, 'node_modules'))
    ? ['install', '--no-save', ...FLAGS]
    : ['ci', ...FLAGS];
  if ((await run('npm', first, { log })).code !== 0 || !packagesAreCurrent()) {
    await mustRun('npm', ['ci', ...FLAGS], {
      log,
      failed: 'npm could not install the packages.',
      action: 'See that the npm registry can be reached (npm ping) and run the command again.',
    });
  }
  return 'installed';
}

function packagesAreCurrent() {
  const wanted = readLock(join(root, 'package-lock.json'));
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  const stale = Object.entries(wanted).some(
    ([path, entry]) =>
      path !== '' &&
      !entry.optional &&
      !entry.devOptional &&
      !entry.peer &&
      installed[path]?.version !== entry.version,
  );
  return !stale && (process.platform !== 'linux' || projectNode() !== undefined);
}

function readLock(path) {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}
