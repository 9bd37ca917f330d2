import { programName, readOptions, type Command } from './command-line.ts';
import { containerRun } from './container-run.ts';
import { packageRunner } from './package-runner.ts';
import type { SourceOfCommand, TranslatedCommand } from './translated-command.ts';

/**
 * Most servers are written down as the command that starts them on the user's machine. Those that only fetch a package or
 * run an image are turned into that package or image; whatever else runs as it is, in the base image.
 */
export function sourceOfCommand(command: string, args: readonly string[]): SourceOfCommand {
  const { bare, environment } = withoutWrappers({ command, arguments: args });
  const translated = packageRunner(bare) ?? containerRun(bare) ?? pythonRunner(bare) ?? asItIs(bare);
  if ('unsupported' in translated) return translated;
  return { ...translated, environment: { ...environment, ...translated.environment } };
}

/** Without the shell of Windows (`cmd /c npx …`) and without `env NAME=value`. */
function withoutWrappers(given: Command): {
  readonly bare: Command;
  readonly environment: Readonly<Record<string, string>>;
} {
  const name = programName(given.command);
  const [first = '', ...more] = given.arguments;
  if (name === 'cmd' && more.length > 0 && /^\/[ck]$/i.test(first)) {
    // One text, or a word each.
    const [command = '', ...rest] = more.length === 1 ? (more[0] ?? '').trim().split(/\s+/) : more;
    return withoutWrappers({ command, arguments: rest });
  }
  if (name !== 'env') return { bare: given, environment: {} };
  const end = given.arguments.findIndex((word) => !/^\w+=/.test(word));
  const command = given.arguments[end];
  if (end < 0 || command === undefined || command.startsWith('-')) return { bare: given, environment: {} };
  const inner = withoutWrappers({ command, arguments: given.arguments.slice(end + 1) });
  const own = Object.fromEntries(
    given.arguments.slice(0, end).map((word) => splitAt(word, word.indexOf('='))),
  );
  return { bare: inner.bare, environment: { ...own, ...inner.environment } };
}

function splitAt(word: string, at: number): readonly [string, string] {
  return [word.slice(0, at), word.slice(at + 1)];
}

const installers = new Set(['uvx', 'uv', 'pipx', 'rye', 'poetry', 'pdm', 'hatch', 'conda', 'mamba']);
const pythonValues = new Set(['-m', '-c', '-W', '-X']);

function pythonRunner({ command, arguments: args }: Command): SourceOfCommand | undefined {
  const name = programName(command);
  const isPython = /^(?:python[\d.]*|py)$/.test(name);
  const runsModule =
    isPython && readOptions(args, pythonValues).options.some((option) => option.name === '-m');
  if (!runsModule && !installers.has(name)) return undefined;
  const shown = `${name} ${args[0] ?? ''}`.trim();
  return {
    unsupported: `"${shown}" needs a Python program that is installed, and servers start without a network: name an image of this server, or a Dockerfile that installs it (FROM python:3-slim, RUN pip install …).`,
  };
}

function asItIs({ command, arguments: args }: Command): TranslatedCommand {
  return { source: { kind: 'command', command, arguments: args }, environment: {}, secrets: [], notes: [] };
}
