import { sourceOfCommand } from '../mcp-json/source-of-command.ts';
import { referencesIn, replaceReferences, WORKSPACE } from '../mcp-json/references.ts';
import { headersOf, variablesOf } from '../mcp-json/variables.ts';
import type { McpEntry } from '../mcp-json/schema.ts';
import { DEFAULT_SANDBOX } from '../sandbox-defaults.ts';
import type { Sandbox, ServerDefinition, ServerSource } from '../server-definition.ts';
import type { ServerSettings } from '../server-settings.ts';

/** What is wrong, or worth a word, at a place within the entry; a clause to stand after its name. */
export interface EntryMistake {
  readonly at: readonly (string | number)[];
  readonly message: string;
  readonly severity: 'error' | 'warning';
}

export interface FromEntry {
  /** Absent when there is an error. */
  readonly definition?: ServerDefinition;
  readonly mistakes: readonly EntryMistake[];
}

/** What an entry of `.mcp.json` and the settings for it in `.strata/tools.jsonc` come to. */
export function definitionOf(
  name: string,
  entry: McpEntry,
  settings: ServerSettings | undefined,
  from: Pick<ServerDefinition, 'origin' | 'file'>,
): FromEntry {
  const mistakes: EntryMistake[] = [];
  const add: Add = (at, message, severity = 'error') => void mistakes.push({ at, message, severity });
  const base = entry.url === undefined ? startedBy(entry, settings, add) : reachedAt(entry, entry.url, add);
  const variables = variablesOf(entry.env ?? {});
  for (const one of variables.mistakes) add(['env', one.name], one.message);
  for (const one of variables.warnings) add(['env', one.name], one.message, 'warning');
  if (!base || mistakes.some(({ severity }) => severity === 'error')) return { mistakes };

  const asked = settings?.sandbox ?? {};
  const secrets = [...new Set([...base.secrets, ...variables.secrets, ...(asked.secrets ?? [])])];
  const given = { ...base.environment, ...variables.environment, ...asked.environment };
  // What is listed as a secret is asked for, whatever else the files say about it.
  const environment = Object.fromEntries(Object.entries(given).filter(([key]) => !secrets.includes(key)));
  const sandbox: Sandbox = { ...DEFAULT_SANDBOX, ...asked, secrets, environment };
  if (sandbox.files === 'none' && JSON.stringify(base.source).includes(WORKSPACE))
    add(
      [],
      'names the workspace folder, which it cannot see: set "files" to "read" or "write" for it in .strata/tools.jsonc',
      'warning',
    );
  return {
    definition: {
      name,
      ...from,
      source: base.source,
      sandbox,
      enabled: settings?.enabled ?? entry.disabled !== true,
      trusted: settings?.trusted ?? false,
    },
    mistakes,
  };
}

type Add = (at: EntryMistake['at'], message: string, severity?: EntryMistake['severity']) => void;

interface Base {
  readonly source: ServerSource;
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

function startedBy(entry: McpEntry, settings: ServerSettings | undefined, add: Add): Base | undefined {
  const { command = '', args = [], cwd, envFile } = entry;
  const words = args.map((word, index) => argument(word, ['args', index], add));
  const program = argument(command, ['command'], add);
  if (cwd !== undefined && !/^(\.|\$\{workspace(Folder|Root)\})\/?$/.test(cwd))
    add(['cwd'], 'is not taken over: a server starts in the workspace folder', 'warning');
  if (envFile !== undefined)
    add(['envFile'], 'is not read: list what is needed of it under "env"', 'warning');
  if (entry.type !== undefined && entry.type !== 'stdio')
    add(['type'], 'must be "stdio" for a server with "command"');

  const translated = sourceOfCommand(program, words);
  const replaced = settings && replacement(settings, program, words, translated);
  if (replaced) return replaced;
  if ('unsupported' in translated) {
    add(['command'], `cannot be run in a container. ${translated.unsupported}`);
    return undefined;
  }
  for (const note of translated.notes) add(['args'], `are not all used. ${note}`, 'warning');
  return translated;
}

/** With the image that the settings name in place of Strata's own. */
function replacement(
  { image, dockerfile }: ServerSettings,
  command: string,
  words: readonly string[],
  translated: ReturnType<typeof sourceOfCommand>,
): Base | undefined {
  if (image === undefined && dockerfile === undefined) return undefined;
  const known = 'source' in translated ? translated : undefined;
  const given = known && 'arguments' in known.source ? known.source.arguments : words;
  const { environment = {}, secrets = [] } = known ?? {};
  if (dockerfile !== undefined)
    return { source: { kind: 'dockerfile', path: dockerfile, arguments: given }, environment, secrets };
  // A package's image starts it by itself; a program must be named.
  const entrypoint =
    known?.source.kind === 'npm' || known?.source.kind === 'image' ? {} : { entrypoint: [command] };
  return {
    source: { kind: 'image', image: image ?? '', ...entrypoint, arguments: given },
    environment,
    secrets,
  };
}

function reachedAt(entry: McpEntry, url: string, add: Add): Base | undefined {
  if (entry.type === 'sse')
    add(
      ['type'],
      '"sse" is the old transport, which is not spoken here: ask for the address of "http" (Streamable HTTP)',
    );
  if (entry.type === 'stdio') add(['type'], 'must be "http" for a server with "url"');
  const address = argument(url, ['url'], add);
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    add(['url'], 'must be an address that begins with "https://" or "http://"');
    return undefined;
  }
  const parsed = new URL(address);
  if (parsed.username !== '' || parsed.password !== '')
    add(['url'], 'must not have a password in it: use "headers"');
  const { headers, secrets } = headersOf(entry.headers ?? {});
  for (const [header, value] of Object.entries(entry.headers ?? {})) {
    const unknown = referencesIn(value).find(({ kind }) => kind === 'unknown');
    if (unknown) add(['headers', header], `has ${unknown.text}, which is not known`);
    const plain = referencesIn(value).length === 0;
    if (plain && /^(authorization|x-api-key|api-key|cookie)$/i.test(header))
      add(
        ['headers', header],
        'looks like a secret that stands in the file; write "${NAME}" to be asked for it instead',
        'warning',
      );
  }
  return { source: { kind: 'http', url: address, headers }, environment: {}, secrets };
}

/** A word of a command or an address, with what can be known of its references. */
function argument(text: string, at: EntryMistake['at'], add: Add): string {
  return replaceReferences(text, ({ text: whole, kind, otherwise, name }) => {
    if (kind === 'workspace') return WORKSPACE;
    if (otherwise !== undefined) return otherwise;
    // `docker run -e NAME=${VALUE}` is understood as a secret.
    if (kind !== 'unknown' && text.includes(`=${whole}`) && /^\w+=/.test(text)) return whole;
    add(
      at,
      kind === 'unknown'
        ? `has ${whole}, which is not known`
        : `has ${whole}, and secrets are given by "env": a server is told nothing of this machine's environment (${name})`,
    );
    return '';
  });
}
