import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Surroundings } from './surroundings.ts';

/** The sockets that the usual engines make and that are there, in the form of DOCKER_HOST, the most likely first. */
export function knownSockets(at: Surroundings): readonly string[] {
  if (at.platform === 'win32') return windowsPipes.map((name) => `npipe:////./pipe/${name}`);
  const { env, home, uid } = at;
  const runtime = env['XDG_RUNTIME_DIR'] ?? (uid === undefined ? undefined : `/run/user/${uid}`);
  const podmanMachine = join(home, '.local/share/containers/podman/machine');
  const paths = [
    '/var/run/docker.sock',
    join(home, '.docker/run/docker.sock'), // Docker Desktop on macOS; rootless Docker without a runtime folder.
    join(home, '.docker/desktop/docker.sock'), // Docker Desktop on Linux.
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(home, '.orbstack/run/docker.sock'),
    join(home, '.rd/docker.sock'), // Rancher Desktop.
    ...profiles(env['COLIMA_HOME'] ?? join(home, '.colima'), 'docker.sock'),
    ...profiles(join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'colima'), 'docker.sock'),
    ...profiles(env['LIMA_HOME'] ?? join(home, '.lima'), 'sock/docker.sock'),
    ...(runtime ? [join(runtime, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
    join(podmanMachine, 'podman.sock'),
    ...profiles(podmanMachine, 'podman.sock'),
    ...(env['TMPDIR'] ? [join(env['TMPDIR'], 'podman/podman-machine-default-api.sock')] : []),
  ];
  return [...new Set(paths)].filter((path) => existsSync(path)).map((path) => `unix://${path}`);
}

const windowsPipes = ['docker_engine', 'dockerDesktopLinuxEngine', 'podman-machine-default'];

/** One socket a virtual machine; the one by the name of `default` first. */
function profiles(folder: string, socket: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return []; // This engine was never installed.
  }
  const order = (name: string) => (name === 'default' ? 0 : 1);
  return [...names]
    .filter((name) => !name.startsWith('_')) // Lima's and Colima's own, such as `_config` and `_lima`.
    .sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1))
    .map((name) => join(folder, name, socket));
}
