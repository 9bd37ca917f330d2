import { parseArgs } from 'node:util';
import { StrataError } from '../base/errors.ts';
import { SPANS, SUBJECTS } from '../core/observability/metrics/index.ts';
import type { Grouping, Span } from '../core/observability/metrics/index.ts';

/** The options of all commands: few enough that one table is easier to use and to document than one for each. */
const OPTIONS = {
  workspace: { type: 'string', short: 'w' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  out: { type: 'string', short: 'o' },
  limit: { type: 'string' },
  'in-place': { type: 'boolean' },
  content: { type: 'boolean' },
  diff: { type: 'boolean' },
  check: { type: 'boolean' },
  yes: { type: 'boolean', short: 'y' },
  unknown: { type: 'string' },
  all: { type: 'boolean' },
  from: { type: 'string' },
  live: { type: 'string' },
  message: { type: 'string', short: 'm' },
  route: { type: 'string' },
  'prompt-file': { type: 'string' },
  'result-file': { type: 'string' },
  conflicts: { type: 'string' },
  npm: { type: 'string' },
  image: { type: 'string' },
  dockerfile: { type: 'string' },
  url: { type: 'string' },
  command: { type: 'string' },
  files: { type: 'string' },
  network: { type: 'string', multiple: true },
  secret: { type: 'string', multiple: true },
  env: { type: 'string', multiple: true },
  server: { type: 'string' },
  by: { type: 'string' },
  since: { type: 'string' },
  over: { type: 'string' },
  key: { type: 'string' },
} as const;

const UNKNOWN = ['again', 'skip'] as const;
const LIVE = ['models', 'tools'] as const;
const FILES = ['none', 'read', 'write'] as const;
const GROUPINGS = [...SUBJECTS, ...SPANS];
const CONFLICTS = ['refuse', 'mark', 'ours', 'theirs'] as const;

export interface Arguments {
  readonly command: string | undefined;
  readonly positionals: readonly string[];
  readonly workspace: string;
  /** It was given, and is not just the current folder. */
  readonly namedWorkspace: boolean;
  readonly json: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly out: string | undefined;
  readonly limit: number;
  readonly inPlace: boolean;
  readonly content: boolean;
  readonly diff: boolean;
  readonly check: boolean;
  readonly yes: boolean;
  readonly unknown: (typeof UNKNOWN)[number] | undefined;
  readonly all: boolean;
  /** A step. */
  readonly from: string | undefined;
  readonly live: (typeof LIVE)[number] | undefined;
  readonly message: string | undefined;
  readonly route: string | undefined;
  readonly promptFile: string | undefined;
  readonly resultFile: string | undefined;
  readonly conflicts: (typeof CONFLICTS)[number] | undefined;
  readonly metrics: MetricsArguments;
  /** The MCP server that `tools add` is about, or `mcp` offers. */
  readonly server: ServerArguments;
}

export interface MetricsArguments {
  readonly by: Grouping | undefined;
  /** Milliseconds before now. */
  readonly sinceMs: number | undefined;
  readonly over: Span | undefined;
  /** The group whose runs are listed. */
  readonly key: string | undefined;
}

export interface ServerArguments {
  readonly only: string | undefined;
  readonly npm: string | undefined;
  readonly image: string | undefined;
  readonly dockerfile: string | undefined;
  readonly url: string | undefined;
  readonly program: string | undefined;
  readonly files: (typeof FILES)[number] | undefined;
  readonly network: readonly string[];
  readonly secrets: readonly string[];
  /** `NAME=VALUE` each. */
  readonly environment: readonly string[];
}

export function usageError(problem: string): StrataError {
  return new StrataError('usage', problem, 'See `strata --help`.');
}

export function parseArguments(argv: readonly string[], cwd: string): Arguments {
  const { values, positionals } = parse(argv);
  const [command, ...rest] = positionals;
  const limit = values.limit === undefined ? 20 : Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw usageError(`--limit takes a whole number from 1, not "${values.limit}".`);
  return {
    command,
    positionals: rest,
    workspace: values.workspace ?? cwd,
    namedWorkspace: values.workspace !== undefined,
    json: values.json ?? false,
    help: values.help ?? false,
    version: values.version ?? false,
    out: values.out,
    limit,
    inPlace: values['in-place'] ?? false,
    content: values.content ?? false,
    diff: values.diff ?? false,
    check: values.check ?? false,
    yes: values.yes ?? false,
    unknown: oneOf('--unknown', values.unknown, UNKNOWN),
    all: values.all ?? false,
    from: values.from,
    live: oneOf('--live', values.live, LIVE),
    message: values.message,
    route: values.route,
    promptFile: values['prompt-file'],
    resultFile: values['result-file'],
    conflicts: oneOf('--conflicts', values.conflicts, CONFLICTS),
    metrics: {
      by: oneOf('--by', values.by, GROUPINGS),
      sinceMs: values.since === undefined ? undefined : durationOf('--since', values.since),
      over: oneOf('--over', values.over, SPANS),
      key: values.key,
    },
    server: {
      only: values.server,
      npm: values.npm,
      image: values.image,
      dockerfile: values.dockerfile,
      url: values.url,
      program: values.command,
      files: oneOf('--files', values.files, FILES),
      network: (values.network ?? []).flatMap((hosts) => hosts.split(',')),
      secrets: values.secret ?? [],
      environment: values.env ?? [],
    },
  };
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

function durationOf(option: string, given: string): number {
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(given) ?? [];
  if (count === undefined || unit === undefined)
    throw usageError(`${option} takes a time such as 30m, 12h, 7d or 4w, not "${given}".`);
  return Number(count) * (UNITS[unit] ?? 0);
}

function oneOf<T extends string>(
  option: string,
  given: string | undefined,
  words: readonly T[],
): T | undefined {
  const word = words.find((one) => one === given);
  if (given !== undefined && word === undefined) {
    const known = words.map((one) => `"${one}"`).join(words.length === 2 ? ' or ' : ', ');
    throw usageError(`${option} takes ${known}, not "${given}".`);
  }
  return word;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}
