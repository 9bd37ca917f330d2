import { isAbort, isStrataError, messageOf, StrataError } from './base/errors.ts';
import { parseArguments, usageError } from './cli/arguments.ts';
import { commands, HELP } from './cli/commands.ts';
import { EXIT } from './cli/exit.ts';
import { safeText } from './cli/style.ts';
import { createTerminal } from './cli/terminal.ts';
import { useProxyOf } from './node/proxy.ts';
import { VERSION } from './version.ts';

const terminal = createTerminal(process.stdin, process.stdout, process.stderr);
const argv = process.argv.slice(2);

void main().then((code) => {
  process.exitCode = code;
});

async function main(): Promise<number> {
  try {
    const given = parseArguments(argv, process.cwd());
    if (given.version) {
      terminal.print(VERSION);
      return EXIT.done;
    }
    if (given.help || given.command === undefined) {
      terminal.print(HELP);
      return given.help ? EXIT.done : EXIT.usage;
    }
    const perform = commands.get(given.command)?.perform;
    if (!perform) throw usageError(`There is no command "${given.command}".`);
    await useProxyOf(process.env);
    return await perform(given, terminal);
  } catch (error) {
    if (isAbort(error)) return EXIT.stopped;
    return report(error instanceof Error && error.name === 'TimeoutError' ? tookTooLong(error) : error);
  }
}

/** One clear message: what happened, and what to do. */
function report(error: unknown): number {
  if (!isStrataError(error)) {
    terminal.printJson({ error: { code: 'unexpected', message: messageOf(error) } }, argv);
    terminal.complain(error instanceof Error && error.stack ? error.stack : messageOf(error));
    return EXIT.failed;
  }
  terminal.printJson({ error: { code: error.code, message: error.message, action: error.action } }, argv);
  terminal.complain(safeText(`${error.message}\n${error.action}`));
  return error.code === 'usage' ? EXIT.usage : EXIT.failed;
}

function tookTooLong(cause: Error): StrataError {
  return new StrataError(
    'took-too-long',
    'The command took too long and was given up.',
    'Try again when the machine is less busy; `strata doctor` says what is missing.',
    { cause },
  );
}
