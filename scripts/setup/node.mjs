import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { root, SetupError } from './project.mjs';

/** The first Node that runs .ts files without a flag; `node:sqlite` needs 22.13. */
const TYPE_STRIPPING = [22, 18];

/** The Node that came with the npm packages, if there is one for this platform. */
export function projectNode() {
  const folder = join(
    root,
    'node_modules',
    `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
  );
  const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(path) ? path : undefined;
}

function isAtLeast(version, [major, minor]) {
  const [haveMajor = 0, haveMinor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

/**
 * Returns when this process may go on. Otherwise it starts the same command under the project's Node, lends it the
 * terminal and exits with its code, so the promise does not settle.
 */
export async function continueUnderProjectNode() {
  process.env.PATH = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const node = projectNode();
  if (node === undefined || realpathSync(process.execPath) === realpathSync(node)) {
    if (isAtLeast(process.version, TYPE_STRIPPING)) return;
    throw new SetupError(
      `This needs Node 22.18 or newer, and this is ${process.version}.`,
      'Install Node 24 from https://nodejs.org; there is no npm package of it for this platform.',
    );
  }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  await exitWith(child);
}

/** Hands the signals that people send on to the child, and ends as the child ends. Does not settle. */
function exitWith(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((_resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}
