import { isPlaceholder, programName, readOptions, type Command, type Option } from './command-line.ts';
import type { SourceOfCommand } from './translated-command.ts';

/** Options of npx and its like that have a value in the next word. */
const takesValue = new Set([
  '-p',
  '--package',
  '-c',
  '--call',
  '-w',
  '--workspace',
  '--registry',
  '--cache',
  '--prefix',
  '--userconfig',
  '--loglevel',
  '--node-options',
  '-C',
  '--dir',
  '--cwd',
]);
const packageOptions = ['-p', '--package'];
/** These change nothing about what runs. */
const quiet =
  /^(?:-y|--yes|-q|--quiet|--silent|-s|--no-install|--prefer-o\w+|--bun|--loglevel|--reporter|--cache)$/;

/** `npx`, `npm exec`, `pnpm dlx`, `yarn dlx`, `bunx`: undefined for any other command. */
export function packageRunner(given: Command): SourceOfCommand | undefined {
  const words = wordsAfterRunner(given);
  if (!words) return undefined;
  const { options, rest } = readOptions(words.words, takesValue);
  if (options.some(({ name }) => name === '-c' || name === '--call'))
    return unsupported('A shell command in place of a package cannot be taken over: use a Dockerfile');
  const packages = options
    .filter(({ name }) => packageOptions.includes(name))
    .map(({ value }) => value ?? '');
  if (packages.length > 1)
    return unsupported(
      `It needs several packages (${packages.join(', ')}): build them into one image by a Dockerfile`,
    );
  const [first, ...more] = rest;
  if (first === undefined) return unsupported('It names no package');
  const name = packages[0] ?? first;
  if (/^(?:[./~]|[a-z+]+:|[\w.-]+\/[\w.-]+(?:#.*)?$)/i.test(name) && !name.startsWith('@'))
    return unsupported(
      `"${name}" is no package of a registry: name one, or build it by a Dockerfile of the workspace`,
    );
  const args = words.dropsSeparator ? withoutFirst(more, '--') : more;
  const remote = packages.length === 0 ? remoteBridge(name, args) : undefined;
  if (remote) return remote;
  return {
    source: {
      kind: 'npm',
      package: name,
      // npx itself finds the program of a package that is not named apart.
      ...(packages.length > 0 && first !== name ? { binary: first } : {}),
      arguments: args,
    },
    environment: {},
    secrets: [],
    notes: options.flatMap(noteOn),
  };
}

interface RunnerWords {
  readonly words: readonly string[];
  /** npm takes the first `--` behind the package for itself; the others pass it on. */
  readonly dropsSeparator: boolean;
}

function wordsAfterRunner({ command, arguments: args }: Command): RunnerWords | undefined {
  const [first = '', ...rest] = args;
  switch (programName(command)) {
    case 'npx':
    case 'pnpx':
    case 'bunx':
      return { words: args, dropsSeparator: false };
    case 'npm':
      return ['exec', 'x'].includes(first) ? { words: rest, dropsSeparator: true } : undefined;
    case 'pnpm':
    case 'yarn':
      return first === 'dlx' ? { words: rest, dropsSeparator: false } : undefined;
    case 'bun':
      return first === 'x' ? { words: rest, dropsSeparator: false } : undefined;
    default:
      return undefined;
  }
}

/**
 * `mcp-remote` and its like only connect a program that speaks stdio to an address. Strata speaks to the address itself,
 * with its own sign-in.
 */
function remoteBridge(name: string, args: readonly string[]): SourceOfCommand | undefined {
  if (!/^mcp-remote(?:@.*)?$/.test(name)) return undefined;
  const url = args.find((word) => /^https?:\/\//i.test(word));
  if (url === undefined || !URL.canParse(url)) return undefined;
  const values = args.flatMap((word, i) => (word === '--header' ? [args[i + 1] ?? ''] : []));
  const headers = values.flatMap((value) => {
    const at = value.indexOf(':');
    return at > 0 ? [[value.slice(0, at).trim(), value.slice(at + 1).trim()] as const] : [];
  });
  return {
    source: { kind: 'http', url, headers: Object.fromEntries(headers) },
    environment: {},
    secrets: [],
    notes: [
      `mcp-remote only passes on what ${new URL(url).host} answers, so Strata connects to it directly.`,
      ...headers
        .filter(([, value]) => isPlaceholder(value))
        .map(([header]) => `The header ${header} needs a value that was in the environment.`),
    ],
  };
}

function noteOn({ name, value }: Option): readonly string[] {
  if (packageOptions.includes(name) || quiet.test(name)) return [];
  return [`The option ${value === undefined ? name : `${name} ${value}`} is not taken over.`];
}

function withoutFirst(words: readonly string[], word: string): readonly string[] {
  const at = words.indexOf(word);
  return at < 0 ? words : [...words.slice(0, at), ...words.slice(at + 1)];
}

function unsupported(reason: string): SourceOfCommand {
  return { unsupported: `${reason}.` };
}
