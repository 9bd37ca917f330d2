import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Outcome, RunArguments } from './run.ts';
import type { Capture } from './capture.ts';

export const defaultSeconds = 120;
export const maxSeconds = 600;

/** The one tool. What a command may do is bounded by the container, so the annotations promise nothing about it. */
export const runTool = {
  name: 'run',
  title: 'Run a command',
  description:
    'Runs a command line with /bin/sh in the workspace and returns its exit code, standard output and standard error. ' +
    'There is no network and no standard input. Processes that the command leaves behind are ended with it. ' +
    'Long output keeps its beginning and its end.',
  inputSchema: {
    type: 'object' as const,
    properties: {
      command: { type: 'string', minLength: 1, description: 'The command line, for example `npm test`.' },
      directory: {
        type: 'string',
        description: 'Folder to run in, relative to the workspace. Default: the workspace.',
      },
      timeoutSeconds: {
        type: 'integer',
        minimum: 1,
        maximum: maxSeconds,
        description: `Time limit in seconds. Default: ${defaultSeconds}.`,
      },
    },
    required: ['command'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
};

/** The arguments, or what is wrong with them. */
export function readRunArguments(
  args: Readonly<Record<string, unknown>>,
  root: string,
): RunArguments | string {
  const { command, directory = '.', timeoutSeconds = defaultSeconds } = args;
  if (typeof command !== 'string' || command.trim() === '') return '`command` must be a command line.';
  if (command.includes('\0')) return '`command` must not hold a NUL character.';
  if (typeof directory !== 'string' || directory.includes('\0')) return '`directory` must be a path.';
  if (typeof timeoutSeconds !== 'number' || !Number.isInteger(timeoutSeconds))
    return '`timeoutSeconds` must be a whole number.';
  if (timeoutSeconds < 1 || timeoutSeconds > maxSeconds)
    return `\`timeoutSeconds\` must be from 1 to ${maxSeconds}.`;
  const folder = folderInside(root, directory);
  if (!folder) return `"${directory}" is not a folder of the workspace.`;
  return { command, directory: folder, seconds: timeoutSeconds };
}

function folderInside(root: string, path: string): string | undefined {
  try {
    const real = realpathSync(resolve(root, path));
    const below = relative(root, real);
    if (below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)) return undefined;
    return statSync(real).isDirectory() ? real : undefined;
  } catch {
    return undefined; // Not there, or not readable: the answer is the same.
  }
}

export function renderOutcome(outcome: Outcome): string {
  const parts = [headline(outcome)];
  if (outcome.kind !== 'not-started') {
    if (outcome.stdout.total > 0) parts.push('--- stdout ---', outcome.stdout.text);
    if (outcome.stderr.total > 0) parts.push('--- stderr ---', outcome.stderr.text);
    if (isEmpty(outcome.stdout) && isEmpty(outcome.stderr)) parts.push('(no output)');
  }
  return parts.join('\n');
}

function isEmpty(capture: Capture): boolean {
  return capture.total === 0;
}

function headline(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'exited':
      return outcome.signal ? `killed by ${outcome.signal}` : `exit code ${outcome.code}`;
    case 'timed-out':
      return `timed out after ${outcome.seconds} s and was killed`;
    case 'cancelled':
      return 'cancelled and killed';
    case 'not-started':
      return `could not be started: ${outcome.reason}`;
  }
}
