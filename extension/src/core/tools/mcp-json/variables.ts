import { referencesIn, replaceReferences, WORKSPACE } from './references.ts';

/** What a server is given, from the values that a file has for it. */
export interface Variables {
  readonly environment: Readonly<Record<string, string>>;
  /** Names of environment variables whose values are asked for. */
  readonly secrets: readonly string[];
  /** Clauses about values that cannot be used, by name. */
  readonly mistakes: readonly { readonly name: string; readonly message: string }[];
  /** Clauses about values that should stand elsewhere. */
  readonly warnings: readonly { readonly name: string; readonly message: string }[];
}

/**
 * A value that refers to the host's environment or to something that a person types is a secret of the server, under the
 * name that the server knows it by: nothing of the host's environment goes into a container because a file of the workspace
 * says so. One with a default is that default.
 */
export function variablesOf(env: Readonly<Record<string, string | number | boolean | null>>): Variables {
  const environment: Record<string, string> = {};
  const secrets: string[] = [];
  const mistakes: { name: string; message: string }[] = [];
  const warnings: { name: string; message: string }[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === null) continue;
    const text = String(value);
    const references = referencesIn(text);
    const unknown = references.find(({ kind }) => kind === 'unknown');
    if (unknown) mistakes.push({ name, message: `has ${unknown.text}, which is not known` });
    else if (references.some(({ kind, otherwise }) => kind !== 'workspace' && otherwise === undefined))
      secrets.push(name);
    else {
      environment[name] = replaceReferences(text, ({ kind, otherwise = '' }) =>
        kind === 'workspace' ? WORKSPACE : otherwise,
      );
      if (references.length === 0 && text !== '' && LIKE_A_SECRET.test(name))
        warnings.push({
          name,
          message: `looks like a secret that stands in the file; write "\${env:${name}}" to be asked for it instead`,
        });
    }
  }
  return { environment, secrets, mistakes, warnings };
}

const LIKE_A_SECRET =
  /(^|_)(TOKEN|SECRET|PASSWORD|PASSWD|PASS|API_?KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIALS?|AUTH)(_|$)/i;

/** How a header names a secret whose value takes its place when the server is reached. */
export function secretInHeader(name: string): string {
  return `\${secret:${name}}`;
}

/** Headers with their references as secrets. */
export function headersOf(headers: Readonly<Record<string, string>>): {
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
} {
  const secrets = new Set<string>();
  const own = Object.entries(headers).map(([header, value]) => [
    header,
    replaceReferences(value, ({ kind, name, otherwise }) => {
      if (otherwise !== undefined) return otherwise;
      if (kind === 'workspace') return WORKSPACE;
      const secret = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
      secrets.add(secret);
      return secretInHeader(secret);
    }),
  ]);
  return { headers: Object.fromEntries(own) as Record<string, string>, secrets: [...secrets] };
}
