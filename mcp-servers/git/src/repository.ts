import { isAbsolute, relative, resolve, sep } from 'node:path';
import { findProgram } from '../../programs.ts';
import type { Outcome, ProgramRunner } from '../../run.ts';
import { ToolFailure } from '../../tool.ts';
import { gitEnvironment, harmless } from './environment.ts';

const limitSeconds = 60;

export interface GitCall {
  readonly signal: AbortSignal;
  /** For the standard input. */
  readonly input?: string;
  /** Names and dates of a commit. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The repository of one folder, as far as the tools use it. */
export interface Repository {
  /** What git wrote; a `ToolFailure` with its words when it failed. */
  git(args: readonly string[], call: GitCall): Promise<string>;
  /** The hash of a commit that somebody named. Nothing that begins with `-` is one. */
  commit(revision: string, signal: AbortSignal): Promise<string>;
  /** A path as git takes it, relative to the folder. */
  path(path: string): string;
}

export function openRepository(root: string, runner: ProgramRunner): Repository {
  const run = async (
    args: readonly string[],
    { signal, input, environment = {} }: GitCall,
    settings: Readonly<Record<string, string>>,
  ): Promise<Outcome> => {
    const program = findProgram('git');
    if (!program)
      throw new ToolFailure('git is missing here. In a container of your own, install it in the image.');
    return runner.run({
      program,
      arguments: ['--no-pager', '--no-optional-locks', '-C', root, ...args],
      directory: root,
      environment: { ...gitEnvironment(root, settings), ...environment },
      seconds: limitSeconds,
      signal,
      onOutput: () => undefined,
      ...(input === undefined ? {} : { input }),
    });
  };
  /** Read anew for each call: anything may have written to the repository's configuration meanwhile. */
  const settings = async (signal: AbortSignal): Promise<Readonly<Record<string, string>>> => {
    const outcome = await run(['config', '--list', '--name-only', '-z'], { signal }, {});
    if (outcome.kind !== 'exited' || outcome.code !== 0) throw failureOf(outcome, root);
    // Cut output would hide a program from us that git then runs.
    if (Buffer.byteLength(outcome.stdout.text) !== outcome.stdout.total)
      throw new ToolFailure("The repository's configuration is too large to be checked.");
    return harmless(outcome.stdout.text.split('\0'));
  };
  const git: Repository['git'] = async (args, call) => {
    const outcome = await run(args, call, await settings(call.signal));
    if (outcome.kind === 'exited' && outcome.code === 0) return outcome.stdout.text;
    throw failureOf(outcome, root);
  };
  return {
    git,
    commit: async (revision, signal) => {
      if (revision === '' || revision.startsWith('-') || /[\0\n]/.test(revision))
        throw new ToolFailure(`"${revision}" is no revision.`);
      const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`];
      const outcome = await run(args, { signal }, {});
      const hash = outcome.kind === 'exited' && outcome.code === 0 ? outcome.stdout.text.trim() : '';
      if (/^[0-9a-f]{40,64}$/.test(hash)) return hash;
      if (outcome.kind === 'exited' && outcome.code === 128 && outcome.stderr.total > 0)
        throw failureOf(outcome, root);
      throw new ToolFailure(
        revision === 'HEAD' ? 'The repository has no commits yet.' : `There is no commit "${revision}".`,
      );
    },
    path: (path) => {
      if (path.includes('\0')) throw new ToolFailure('A path must not hold a NUL character.');
      const below = relative(root, resolve(root, path));
      if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below))
        throw new ToolFailure(`"${path}" is outside of the workspace.`);
      return below === '' ? '.' : below;
    },
  };
}

function failureOf(outcome: Outcome, root: string): ToolFailure {
  switch (outcome.kind) {
    case 'exited': {
      const words = (outcome.stderr.text.trim() || outcome.stdout.text.trim()).replaceAll(root, '.');
      if (/not a git repository/i.test(words))
        return new ToolFailure('The workspace folder is no git repository.');
      return new ToolFailure(words || `git ended with code ${outcome.code ?? outcome.signal ?? '?'}.`);
    }
    case 'timed-out':
      return new ToolFailure(
        `git took longer than ${outcome.seconds} s and was ended. Ask for less, for example for one path.`,
      );
    case 'cancelled':
      return new ToolFailure('The call was cancelled.');
    case 'not-started':
      return new ToolFailure(`git could not be started: ${outcome.reason}`);
  }
}
