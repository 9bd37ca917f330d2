import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { mustRun, run } from './run.mjs';

const LOCK_WAIT_MS = 180_000;

/** Whether this process may install Debian packages here. Ubuntu and other descendants count. */
export function canInstallDebianPackages() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
}

/**
 * Installs the packages whose program is not there yet. `wanted` maps a program's path to its package, and may name another one
 * in `otherwise` that does where the first is not in the archive.
 */
export async function installDebianPackages(wanted, log) {
  const absent = wanted.filter((entry) => !isThere(entry));
  if (absent.length === 0) return 'there already';
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await untilUnlocked(() => run('apt-get', ['update', '-q'], { env, log, timeoutMs: LOCK_WAIT_MS }));
  const missing = new Set();
  for (const entry of absent) {
    const { otherwise } = entry;
    const chosen = otherwise === undefined || (await isInArchive(entry.package, log)) ? entry : otherwise;
    missing.add(chosen.package);
  }
  const flags = [
    'install',
    '--yes',
    '--no-install-recommends',
    '-q',
    '-o',
    `DPkg::Lock::Timeout=${LOCK_WAIT_MS / 1000}`,
  ];
  await mustRun('apt-get', [...flags, ...missing], {
    env,
    log,
    failed: `apt-get could not install ${[...missing].join(', ')}.`,
    action: 'See that the Debian archive can be reached, or install them by hand.',
  });
  return `installed ${[...missing].join(', ')}`;
}

const isThere = ({ program, otherwise }) =>
  existsSync(program) || (otherwise !== undefined && isThere(otherwise));

async function isInArchive(name, log) {
  const { code } = await run('apt-cache', ['show', '--no-all-versions', name], {
    log,
    timeoutMs: LOCK_WAIT_MS,
  });
  return code === 0;
}

/** apt's option for lock waits does not cover the lock on the package lists. */
async function untilUnlocked(attempt) {
  const end = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    const { code, output } = await attempt();
    if (code === 0 || !/could not get lock/i.test(output) || Date.now() > end) return;
    await wait(2000);
  }
}
