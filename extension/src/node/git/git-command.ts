import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { gitFailed, gitMissing, gitTimedOut } from './errors.ts';

export interface GitOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Buffer;
  readonly signal?: AbortSignal | undefined;
  readonly limitMs?: number;
  /** With the configuration of the user and the machine, for a question that only they can answer. */
  readonly asUser?: boolean;
}

const LIMIT_MS = 180_000;
/** After a polite stop, in which git removes its lock files. */
const GRACE_MS = 2_000;
/** A list of a million paths fits; a diff that does not is of no use to anyone. */
const MAX_OUTPUT = 256 * 1024 * 1024;

/**
 * Nothing that a workspace, a user or a machine has configured may change what is stored or run a program: bytes are
 * kept as they are, names are kept as they are, no hook and no monitor is started, nothing is collected behind our back.
 */
const CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.autocrlf=false',
  'core.eol=lf',
  'core.safecrlf=false',
  'core.ignoreCase=false',
  'core.precomposeUnicode=false',
  'core.quotePath=false',
  'core.sparseCheckout=false',
  'core.splitIndex=false',
  'core.looseCompression=1',
  'gc.auto=0',
  'maintenance.auto=false',
  'advice.addEmbeddedRepo=false',
  // A backslash or a trailing dot is a plain character wherever the file system says so.
  ...(process.platform === 'win32'
    ? []
    : ['core.protectNTFS=false', 'core.fileMode=true', 'core.symlinks=true']),
  ...(process.platform === 'linux' ? ['core.protectHFS=false'] : []),
].flatMap((setting) => ['-c', setting]);

/** Runs git and returns what it printed. Throws a `StrataError`, or the signal's reason when aborted. */
export async function git(args: readonly string[], options: GitOptions): Promise<Buffer> {
  return (await gitAnswer(args, options, (code) => code === 0)).output;
}

/** For commands that answer with their exit code: those that `expected` lets through are no failure. */
export async function gitAnswer(
  args: readonly string[],
  options: GitOptions,
  expected: (code: number) => boolean,
): Promise<{ readonly code: number; readonly output: Buffer }> {
  options.signal?.throwIfAborted();
  const command = args.find((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-c') ?? '';
  const limitMs = options.limitMs ?? LIMIT_MS;
  const child = spawn('git', [...CONFIG, ...args], {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...(options.asUser ? {} : NO_CONFIG), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });

  let stopped: Error | undefined;
  let killer: NodeJS.Timeout | undefined;
  const stop = (reason: Error): void => {
    if (stopped !== undefined) return;
    stopped = reason;
    child.kill('SIGTERM');
    killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  };
  const onAbort = (): void => {
    const reason: unknown = options.signal?.reason;
    stop(reason instanceof Error ? reason : new Error('The call was aborted.', { cause: reason }));
  };
  const timer = setTimeout(() => stop(gitTimedOut(command, limitMs)), limitMs);
  options.signal?.addEventListener('abort', onAbort, { once: true });

  const output: Buffer[] = [];
  let size = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_OUTPUT) stop(gitFailed(command, `its output is larger than ${MAX_OUTPUT} bytes`));
    else output.push(chunk);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-8_000)));
  // When git ends before it has read everything, its exit code and its own message say why; EPIPE adds nothing.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);

  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (stopped !== undefined) throw stopped;
    if (code === null || !expected(code)) throw gitFailed(command, stderr || `exit code ${code}`);
    return { code, output: Buffer.concat(output) };
  } catch (error) {
    // Node reports a missing folder to start in with the same code as a missing program.
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && existsSync(options.cwd)) throw gitMissing(error);
    if (missing) throw gitFailed(command, `the folder ${options.cwd} does not exist`, error);
    throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(killer);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

const NO_CONFIG = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };

function cleanEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !name.startsWith('GIT_')) env[name] = value;
  }
  return {
    ...env,
    LC_ALL: 'C',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    // A partial clone would otherwise fetch what it lacks while its files are listed.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  };
}
