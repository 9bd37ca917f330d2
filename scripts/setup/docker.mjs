import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { canInstallDebianPackages, installDebianPackages } from './debian.mjs';
import { SetupError } from './project.mjs';
import { run, tail, which } from './run.mjs';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const SOCKET = '/var/run/docker.sock';

/** Whether a Docker engine answers here, found the way that the docker command finds it. */
export async function engineAnswers() {
  const host = process.env.DOCKER_HOST;
  if (host === undefined && process.env.DOCKER_CONTEXT === undefined) {
    const home = join(homedir(), '.docker', 'run', 'docker.sock');
    for (const socket of [SOCKET, home]) if (existsSync(socket) && (await ping(socket))) return true;
  }
  if (host?.startsWith('unix://')) return ping(host.slice('unix://'.length));
  if (which('docker') === undefined) return false;
  const { code } = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 15_000 });
  return code === 0;
}

/** Whether this machine could get an engine of its own without asking anyone. */
export function canProvideEngine() {
  if (process.env.DOCKER_HOST !== undefined || process.env.DOCKER_CONTEXT !== undefined) return false;
  return canInstallDebianPackages() || (process.getuid?.() === 0 && which('dockerd') !== undefined);
}

/** Installs Debian's engine where it is missing. */
export async function installEngine(log) {
  if (which('dockerd') !== undefined) return 'there already';
  return installDebianPackages([{ program: '/usr/sbin/dockerd', package: 'docker.io' }], log);
}

/**
 * Starts dockerd, its output going to `log`, and returns when it answers. It outlives this process unless it is stopped.
 * `stop()` ends it and waits for its end.
 */
export async function startEngine(log) {
  const output = openSync(log, 'a');
  const child = spawn('dockerd', [], { stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  let ended = false;
  child.on('error', () => (ended = true));
  child.on('exit', () => (ended = true));
  child.unref();
  const limit = Date.now() + START_LIMIT_MS;
  while (!(await ping(SOCKET))) {
    if (ended || Date.now() > limit) {
      if (!ended) child.kill('SIGTERM');
      throw new SetupError(
        `dockerd did not come up${ended ? '' : ` within ${START_LIMIT_MS / 1000} s`}.\n${tail(readFileSync(log, 'utf8'), 15)}`,
        'Start a Docker engine by hand and run the command again.',
      );
    }
    await wait(100);
  }
  return { pid: child.pid, stop: () => stop(child, () => ended) };
}

async function stop(child, hasEnded) {
  child.kill('SIGTERM');
  const limit = Date.now() + STOP_LIMIT_MS;
  while (!hasEnded() && Date.now() < limit) await wait(50);
  if (!hasEnded()) child.kill('SIGKILL');
}

function ping(socketPath) {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/_ping', timeout: 3000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}

/** Asks the engine behind the local socket; undefined when none answers there. */
export function engineGet(path) {
  const host = process.env.DOCKER_HOST;
  const socketPath = host?.startsWith('unix://') ? host.slice('unix://'.length) : SOCKET;
  return new Promise((resolve) => {
    const call = request({ socketPath, path, timeout: 10_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      answer.on('end', () => resolve(answer.statusCode === 200 ? JSON.parse(text) : undefined));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(undefined));
    call.end();
  });
}
