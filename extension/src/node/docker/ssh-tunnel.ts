import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processExists } from '../process-table.ts';

export interface SshTarget {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** Of the engine, over there. */
  readonly socketPath: string;
}

/** Why there is no way to the engine, and what to do about it. */
export class SshFailure extends Error {
  readonly action: string;

  constructor(reason: string, action: string) {
    super(reason);
    this.action = action;
  }
}

/**
 * The socket of an engine on another machine, forwarded to a socket here by the system's own `ssh`, which honours the
 * user's configuration, agent and known hosts. It can be opened again at the same path after its connection was lost.
 */
export class SshTunnel {
  readonly socketPath: string;
  /** Holds nothing but the socket. */
  readonly folder: string;
  readonly #target: SshTarget;
  #child: ChildProcess | undefined;
  #said = '';

  constructor(target: SshTarget) {
    this.#target = target;
    removeAbandoned();
    this.folder = mkdtempSync(join(shortTemporaryFolder(), `${prefix}${process.pid}-`));
    this.socketPath = join(this.folder, 'engine.sock');
  }

  /** What ssh said last, for a connection through the tunnel that failed. */
  get said(): string {
    return this.#said.trim();
  }

  /** Returns when the socket takes connections. Throws an `SshFailure`, or what the signal says. */
  async open(signal: AbortSignal): Promise<void> {
    if (this.#child && !hasEnded(this.#child)) return;
    rmSync(this.socketPath, { force: true });
    this.#said = '';
    const child = spawn('ssh', commandLine(this.#target, this.socketPath), {
      // It ends with its input: also when this process is killed and can end nothing any more.
      stdio: ['pipe', 'ignore', 'pipe'],
      windowsHide: true,
      detached: true, // Ctrl-C in a terminal is for this process, which still needs the tunnel to end things in good order.
    });
    this.#child = child;
    child.stdin.on('error', () => undefined); // It ended, which `exit` says.
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (this.#said = (this.#said + text).slice(-4096)));
    let missing: Error | undefined;
    child.on('error', (error) => (missing = error));
    child.unref();
    for (const stream of [child.stdin, child.stderr]) if (stream instanceof Socket) stream.unref();
    try {
      while (!(await accepts(this.socketPath))) {
        signal.throwIfAborted();
        if (missing) throw noSsh(missing);
        if (hasEnded(child)) throw explain(this.#target, this.said);
        await delay(25, undefined, { signal });
      }
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  close(): void {
    this.#child?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function commandLine(target: SshTarget, socketPath: string): readonly string[] {
  const options = [
    'BatchMode=yes', // A question would wait for ever: there is no terminal.
    'ExitOnForwardFailure=yes',
    'ConnectTimeout=10',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
    'StreamLocalBindUnlink=yes',
    // Through a shared connection the forwarding would outlive this process.
    'ControlMaster=no',
    'ControlPath=none',
    'ForwardAgent=no',
    'ForwardX11=no',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
    'RequestTTY=no',
  ];
  return [
    ...options.flatMap((option) => ['-o', option]),
    ...(target.user ? ['-l', target.user] : []),
    ...(target.port ? ['-p', String(target.port)] : []),
    '-L',
    `${socketPath}:${target.socketPath}`,
    '--',
    target.host,
    // In place of `-N`, which reads no input: with it ssh would stay for ever when this process is killed.
    'cat',
  ];
}

const prefix = 'strata-ssh-';

/** A Unix socket's path has about a hundred bytes, and macOS spends half of them on its temporary folder. */
function shortTemporaryFolder(): string {
  return tmpdir().length > 60 ? '/tmp' : tmpdir();
}

/** Folders of processes that were killed. */
function removeAbandoned(): void {
  const parent = shortTemporaryFolder();
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : NaN;
    if (Number.isInteger(pid) && !processExists(pid))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function accepts(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function noSsh(cause: Error): SshFailure {
  return new SshFailure(
    `ssh could not be started (${cause.message})`,
    'Install the OpenSSH client, so that `ssh` is found on the PATH.',
  );
}

/** ssh exits with 255 whatever happened, so its words are all there is. */
function explain(target: SshTarget, said: string): SshFailure {
  const name = target.user ? `${target.user}@${target.host}` : target.host;
  const byHand = `ssh ${target.port ? `-p ${target.port} ` : ''}${name}`;
  const line = said.split(/\r?\n/).findLast((text) => text !== '') ?? 'it ended without a word';
  if (/host key verification failed|no .*host key is known|identification has changed/i.test(said))
    return new SshFailure(
      `ssh does not know the host key of ${target.host}, or it has changed`,
      `Connect once by hand and compare the key: ${byHand}`,
    );
  if (/permission denied|too many authentication failures|no supported authentication/i.test(said))
    return new SshFailure(
      `${target.host} refused the ssh keys of ${target.user ?? 'this user'} (${line})`,
      `Load a key that it takes into the ssh agent (ssh-add), and see that this works without a question: ${byHand}`,
    );
  if (/could not resolve hostname/i.test(said))
    return new SshFailure(
      `${target.host} is not known here`,
      'See the host name, and Host in ~/.ssh/config.',
    );
  if (/connection refused|timed out|no route to host|network is unreachable|connection closed/i.test(said))
    return new SshFailure(
      `ssh cannot reach it (${line})`,
      `See that the machine is up and this works: ${byHand}`,
    );
  return new SshFailure(`ssh ended: ${line}`, `See that this works without a question: ${byHand}`);
}

/** Why a connection through an open tunnel was cut, as ssh said it; undefined when it said nothing of the kind. */
export function explainRefusedChannel(target: SshTarget, said: string): SshFailure | undefined {
  if (/administratively prohibited|unknown channel type|forwarding.*disabled/i.test(said))
    return new SshFailure(
      `the ssh server of ${target.host} forwards no sockets`,
      'Allow it there: AllowStreamLocalForwarding yes in sshd_config.',
    );
  if (!/open failed/i.test(said)) return undefined;
  return new SshFailure(
    `nothing answers at ${target.socketPath} on ${target.host}, or its user may not open it`,
    `Start Docker there and let the user use it, or give the path of another socket in the address: ssh://${target.host}/run/user/1000/podman/podman.sock`,
  );
}
