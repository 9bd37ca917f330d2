import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './project.mjs';
import { tail } from './run.mjs';

const REPORTER = fileURLToPath(new URL('test-events.mjs', import.meta.url));
const END_GRACE_MS = 5000;

/**
 * Runs one file of tests in a process group of its own and returns what its tests came to. `node --test` over many
 * files is not used, because it waits for ever for a file that leaves a timer or a socket open.
 */
export async function runTestFile(file, { env, folder, limitMs, signal }) {
  const name = relative(root, file).replaceAll('\\', '/');
  const events = join(folder, `${name.replaceAll('/', '_')}.jsonl`);
  const flags = [
    '--enable-source-maps',
    `--test-reporter=${REPORTER}`,
    `--test-reporter-destination=${events}`,
  ];
  const started = performance.now();
  const { code, output, tooLong } = await runInGroup(process.execPath, [...flags, file], {
    env,
    limitMs,
    signal,
  });
  const tests = existsSync(events)
    ? readFileSync(events, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    : [];
  const result = { name, tests, output, ms: performance.now() - started };
  const fail = (error) => tests.push({ name: 'the file itself', outcome: 'failed', error, ms: result.ms });
  if (signal.aborted) return { ...result, stopped: true };
  if (tooLong) {
    fail(
      `It did not end within ${limitMs / 1000} s: a test hangs, or something that it opened is still open.\n${tail(output)}`,
    );
  } else if (code !== 0 && !tests.some(({ outcome }) => outcome === 'failed')) {
    fail(`It ended with exit code ${code}.\n${tail(output)}`);
  } else if (tests.length === 0) {
    fail('It holds no test.');
  }
  return result;
}

/** Runs a program as the leader of a process group, and ends the whole group at the limit or when `signal` says so. */
export function runInGroup(command, args, { env, limitMs, signal, onOutput = () => {} }) {
  return new Promise((resolve) => {
    const group = process.platform !== 'win32';
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: group,
    });
    let output = '';
    let tooLong = false;
    const take = (chunk) => {
      output += chunk;
      onOutput(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const kill = (how) => {
      try {
        if (group) process.kill(-child.pid, how);
        else child.kill(how);
      } catch (error) {
        // ESRCH: the group has ended meanwhile, which is what was wanted.
        if (error.code !== 'ESRCH') throw error;
      }
    };
    let hard;
    const end = () => {
      if (child.exitCode !== null || child.signalCode !== null) return kill('SIGKILL');
      kill('SIGTERM');
      hard ??= setTimeout(() => kill('SIGKILL'), END_GRACE_MS);
    };
    const limit = setTimeout(() => {
      tooLong = true;
      end();
    }, limitMs);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
    const done = (code) => {
      clearTimeout(limit);
      clearTimeout(hard);
      signal.removeEventListener('abort', end);
      resolve({ code: code ?? undefined, output, tooLong });
    };
    child.on('error', (error) => {
      take(`${error.message}\n`);
      done(127);
    });
    // A child of the test may hold its output open, so the exit counts, not the end of the output.
    child.on('exit', (code) => setTimeout(done, 50, code));
  });
}
