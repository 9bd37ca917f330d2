import { spawn } from 'node:child_process';
import { accessSync, appendFileSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root, SetupError } from './project.mjs';

const TAIL_LINES = 40;

/**
 * Runs a program to its end and returns its exit code (undefined when a signal ended it) and its output. The output
 * also goes to the log file, if one is given. Never throws because of what the program did.
 */
export function run(command, args, { cwd = root, env = process.env, log, timeoutMs = 600_000 } = {}) {
  return new Promise((resolve) => {
    const started = performance.now();
    let output = '';
    const keep = (chunk) => {
      output += chunk;
      if (log) appendFileSync(log, chunk);
    };
    if (log) appendFileSync(log, `\n$ ${command} ${args.join(' ')}\n`);
    // Windows starts npm only through a shell, which is safe for the fixed arguments that are used here.
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && command === 'npm',
    });
    const timer = setTimeout(() => {
      keep(`\n${command} did not end within ${Math.round(timeoutMs / 1000)} s and was stopped.\n`);
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const end = (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? undefined, output, ms: performance.now() - started });
    };
    child.on('error', (error) => {
      keep(`${error.message}\n`);
      end(127);
    });
    child.on('close', end);
  });
}

/** Like `run`, but anything other than exit code 0 is a SetupError that ends with the last lines of the output. */
export async function mustRun(command, args, { failed, action, ...options }) {
  const result = await run(command, args, options);
  if (result.code !== 0) throw new SetupError(`${failed}\n${tail(result.output)}`, action);
  return result;
}

export function tail(text, lines = TAIL_LINES) {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/** The full path of a program on the PATH, or undefined. */
export function which(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return undefined;
}
