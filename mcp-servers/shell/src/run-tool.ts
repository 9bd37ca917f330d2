import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Capture } from '../../capture.ts';
import { findPrograms } from '../../programs.ts';
import type { Outcome, ProgramRunner } from '../../run.ts';
import {
  optionalInteger,
  optionalString,
  schema,
  stringArgument,
  text,
  ToolFailure,
  type Tool,
} from '../../tool.ts';

const defaultSeconds = 120;
const maxSeconds = 600;

/** Programs that a caller would like to know of before it writes a command line. */
const worthNaming = ['node', 'npm', 'python3', 'git', 'rg', 'make', 'gcc', 'curl', 'bash'];

/** The one tool. What a command may do is bounded by the container, so the annotations promise nothing about it. */
export function runTool(root: string, runner: ProgramRunner): Tool {
  const there = findPrograms(worthNaming);
  return {
    definition: {
      name: 'run',
      title: 'Run a command',
      description:
        'Runs a command line with /bin/sh in the workspace and returns its exit code, standard output and standard error. ' +
        'There is no standard input, and no network unless it was opened for this server. ' +
        `Besides the usual Unix commands there are: ${there.join(', ') || 'none'}. ` +
        'Processes that the command leaves behind are ended with it. Long output keeps its beginning and its end.',
      inputSchema: schema(
        {
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
        ['command'],
      ),
      annotations: {
        readOnlyHint: false,
        destructiveHint: true,
        idempotentHint: false,
        openWorldHint: false,
      },
    },
    async run(args, { signal, onOutput }) {
      const command = stringArgument(args, 'command');
      if (command.trim() === '') throw new ToolFailure('`command` must be a command line.');
      if (command.includes('\0')) throw new ToolFailure('`command` must not hold a NUL character.');
      const directory = optionalString(args, 'directory') ?? '.';
      const folder = folderInside(root, directory);
      if (!folder) throw new ToolFailure(`"${directory}" is not a folder of the workspace.`);
      const seconds = optionalInteger(args, 'timeoutSeconds', { from: 1, to: maxSeconds }) ?? defaultSeconds;
      const outcome = await runner.run({
        program: '/bin/sh',
        arguments: ['-c', command],
        directory: folder,
        seconds,
        signal,
        onOutput,
      });
      if (outcome.kind !== 'exited') throw new ToolFailure(renderOutcome(outcome));
      return [text(renderOutcome(outcome))];
    },
  };
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

function renderOutcome(outcome: Outcome): string {
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
