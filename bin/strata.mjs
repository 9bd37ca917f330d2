#!/usr/bin/env node
// Starts Strata's command line under a Node that can run it: the database of the runs, node:sqlite, came with 22.13.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { userFolder } from '../scripts/setup/project.mjs';

const OLDEST = [22, 13];
const root = fileURLToPath(new URL('..', import.meta.url));
const cli = path.join(root, 'dist', 'cli.cjs');

const node = findNode();
if (!existsSync(cli))
  stop(`Strata is not built: ${cli} is missing.`, 'Run `npm install` and `npm run build` in its folder.');
if (node === undefined) {
  stop(
    `Strata needs Node ${OLDEST.join('.')} or newer, and this is ${process.version}.`,
    'Install Node 24 from https://nodejs.org, or run `npm install` in the folder of Strata, which brings it on Linux and Windows.',
  );
}

const child = spawn(node, ['--disable-warning=ExperimentalWarning', cli, ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: workingFolder(),
  env: { STRATA_COMMAND: asCalled(), ...process.env },
});
// This process stays until the other has tidied up.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {
  // A terminal sends Ctrl-C to both processes, and a second one would stop the other at once.
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
child.on('error', (error) =>
  stop(`Strata could not be started: ${error.message}`, 'See that the file can be executed.'),
);
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));

function workingFolder() {
  try {
    return userFolder();
  } catch (error) {
    return stop(`The current folder cannot be used: ${error.message}.`, 'Change to a folder that exists.');
  }
}

/** For the commands that it suggests. */
function asCalled() {
  return process.env.npm_lifecycle_event === 'strata' ? 'npm run -s strata --' : 'strata';
}

function findNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const installed = path.join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', binary);
  return existsSync(installed) ? installed : undefined;
}

function stop(message, action) {
  process.stderr.write(`${message}\n${action}\n`);
  process.exit(1);
}
