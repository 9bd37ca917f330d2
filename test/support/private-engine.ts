import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { engineRequest } from '../../extension/src/node/docker/engine-request.ts';
import { onPath } from './docker.ts';

export interface EngineProcess {
  readonly pid: number;
  /** The program, without its folder. */
  readonly command: string;
}

/** An engine that a test may kill, since nobody else uses it. */
export interface PrivateEngine {
  /** In the form of DOCKER_HOST. */
  readonly address: string;
  /** The engine, its containerd, its shims and all that runs in its containers, as this machine counts them. */
  processes(): readonly EngineProcess[];
  /** With SIGKILL, as the kernel does it when memory runs out. Its containerd goes with it; its shims do not. */
  kill(): Promise<void>;
  /** Again after a kill, on the same data; done when it answers. */
  start(): Promise<void>;
  /** Ends everything of it, in whatever state it is. */
  remove(): Promise<void>;
}

const startLimitMs = 60_000;
const endLimitMs = 10_000;
const needed = ['dockerd', 'containerd', 'unshare', 'nsenter', 'mount'];

/**
 * A network of its own keeps it from the bridge of the engine beside it. Mounts of its own end with its last process, so
 * that nothing has to be unmounted, and hide a containerd of the system, which it would take for its own. Processes of its
 * own end with the first of them, and can be told from all others until then.
 */
const apart = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * The first process: it ends with its input, and so with the test, however that ends. Where SIGCHLD is ignored there are
 * no zombies of what nobody waits for, as the shims of an engine that was killed.
 */
const keeping = `
  mount -t tmpfs -o mode=755 strata /run && mount -t tmpfs -o mode=711 strata "$1" || exit 1
  echo ready
  exec env --ignore-signal=CHLD cat`;

/** Why there can be no such engine here; undefined when there can. */
export function noPrivateEngine(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux, for an engine of its own';
  if (process.getuid?.() !== 0) return 'needs root, for an engine of its own';
  const missing = needed.find((name) => onPath(name) === undefined);
  if (missing !== undefined) return `needs ${missing}, for an engine of its own`;
  const tried = spawnSync('unshare', [...apart, 'mount', '-t', 'tmpfs', 'strata', '/run'], {
    encoding: 'utf8',
  });
  return tried.status === 0
    ? undefined
    : `needs namespaces, for an engine of its own: ${tried.stderr.trim()}`;
}

export async function startPrivateEngine(): Promise<PrivateEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-engine-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  writeFileSync(join(folder, 'daemon.json'), '{}'); // The system's own is for the system's engine.
  const keeper = spawn('unshare', [...apart, 'sh', '-c', keeping, 'sh', data], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const engine = new KillableEngine(folder, keeper);
  try {
    await new Promise<void>((resolve, reject) => {
      keeper.stdout.once('data', () => resolve());
      keeper.once('exit', () => reject(new Error('The namespaces of the engine could not be made.')));
    });
    await engine.start();
    return engine;
  } catch (error) {
    await engine.remove();
    throw error;
  }
}

class KillableEngine implements PrivateEngine {
  readonly address: string;
  readonly #folder: string;
  readonly #socketPath: string;
  /** Of its containers, so that the emptied ones can be found. */
  readonly #cgroup: string;
  readonly #keeper: ChildProcess;
  /** Whatever the test sets later for processes of its own. */
  readonly #environment = { ...process.env };
  #running: ChildProcess | undefined;

  constructor(folder: string, keeper: ChildProcess) {
    this.#folder = folder;
    this.#keeper = keeper;
    this.#cgroup = basename(folder);
    this.#socketPath = join(folder, 'engine.sock');
    this.address = `unix://${this.#socketPath}`;
  }

  async start(): Promise<void> {
    const log = join(this.#folder, 'engine.log');
    const output = openSync(log, 'a');
    const args = [
      ...['--target', String(this.#first()), '--net', '--mount', '--pid', 'dockerd'],
      ...['--host', this.address, '--config-file', join(this.#folder, 'daemon.json')],
      ...['--data-root', join(this.#folder, 'data'), '--exec-root', '/run/engine'],
      ...['--pidfile', '/run/engine.pid', '--bridge', 'none', '--iptables=false', '--ip6tables=false'],
      ...['--exec-opt', 'native.cgroupdriver=cgroupfs', '--cgroup-parent', `/${this.#cgroup}`],
    ];
    const running = spawn('nsenter', args, { stdio: ['ignore', output, output], env: this.#environment });
    closeSync(output);
    this.#running = running;
    const limit = AbortSignal.timeout(startLimitMs);
    while (!(await this.#answers())) {
      if (hasEnded(running) || limit.aborted)
        throw new Error(`The engine did not start: ${lastLines(readFileSync(log, 'utf8'))}`);
      await delay(50);
    }
  }

  async kill(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    await endOf(running, () => {
      for (const { pid, command } of this.processes())
        if (command === 'dockerd') process.kill(pid, 'SIGKILL');
    });
    const limit = AbortSignal.timeout(endLimitMs);
    while (this.processes().some(({ command }) => command === 'containerd') && !limit.aborted) await delay(5);
  }

  processes(): readonly EngineProcess[] {
    const first = this.#first();
    const namespace = namespaceOf(first);
    const all = new Map(allProcesses().map((one) => [one.pid, one]));
    // A container's processes have a namespace of their own.
    const isInside = (pid: number): boolean => {
      if (namespaceOf(pid) === namespace) return true;
      const parent = all.get(pid)?.parent ?? 0;
      return parent > 1 && isInside(parent);
    };
    return [...all.values()].filter(({ pid }) => pid !== first && isInside(pid));
  }

  async remove(): Promise<void> {
    // The kernel ends what is in a namespace of processes with the first of them, and waits for it.
    await endOf(this.#keeper, () => this.#keeper.stdin?.destroy());
    if (this.#running) await endOf(this.#running);
    removeCgroups(this.#cgroup);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** As this machine counts it. `unshare` waits for it. */
  #first(): number {
    const pid = this.#keeper.pid ?? 0;
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
  }

  async #answers(): Promise<boolean> {
    const connection = { kind: 'socket', socketPath: this.#socketPath } as const;
    const signal = AbortSignal.timeout(2000);
    return engineRequest(connection, { method: 'GET', path: '/_ping', signal }).then(
      () => true,
      () => false,
    );
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function endOf(child: ChildProcess, end?: () => void): Promise<void> {
  if (hasEnded(child)) return;
  const limit = AbortSignal.timeout(endLimitMs);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    limit.addEventListener('abort', () => reject(new Error(`${child.spawnfile} did not end.`)), {
      once: true,
    });
  });
  end?.();
  await ended;
}

/** But for those that have ended and are not looked after. */
function allProcesses(): readonly (EngineProcess & { readonly parent: number })[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const [, state, parent] = /^State:\t(.)[^]*^PPid:\t(\d+)$/m.exec(status) ?? [];
      if (state === 'Z') return [];
      const command = basename(readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')[0] ?? '');
      return [{ pid: Number(name), command, parent: Number(parent) }];
    } catch {
      return []; // It ended while we looked.
    }
  });
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined; // It ended while we looked.
  }
}

/** With version 1 each kind of limit has a tree of its own, with version 2 there is one. They are empty by now. */
function removeCgroups(name: string): void {
  const root = '/sys/fs/cgroup';
  for (const parent of ['', ...readdirSync(root)]) {
    const folder = join(root, parent, name);
    if (existsSync(folder)) removeEmptyTree(folder);
  }
}

/** The files in a cgroup are the kernel's and go with it. */
function removeEmptyTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeEmptyTree(join(folder, entry.name));
  rmdirSync(folder);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-5).join('\n');
}
