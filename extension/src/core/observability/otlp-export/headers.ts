import { secretMissing } from './errors.ts';

/** The value of a secret for this origin, and no other. */
export type FindSecret = (name: string, origin: string) => Promise<string | undefined>;

export interface FilledHeaders {
  readonly headers: Readonly<Record<string, string>>;
  /** Values that must not be in what is sent. */
  readonly secrets: ReadonlyMap<string, string>;
}

/**
 * `${secret:NAME}` becomes the secret, and `${basic:NAME}` a basic authorization of it. A secret belongs to an origin, so a
 * destination that was changed gets none of before. Throws `export-secret-missing`.
 */
export async function fillHeaders(
  headers: Readonly<Record<string, string>>,
  url: string,
  find: FindSecret,
): Promise<FilledHeaders> {
  const { origin } = new URL(url);
  const secrets = new Map<string, string>();
  const filled: Record<string, string> = {};
  for (const [name, template] of Object.entries(headers)) {
    let value = '';
    let from = 0;
    for (const match of template.matchAll(/\$\{(secret|basic):([\w.-]+)\}/g)) {
      const [whole, how, secretName = ''] = match;
      const secret = await find(secretName, origin);
      if (secret === undefined) throw secretMissing(secretName, origin);
      secrets.set(secretName, secret);
      value += template.slice(from, match.index);
      value += how === 'basic' ? `Basic ${Buffer.from(secret).toString('base64')}` : secret;
      from = match.index + whole.length;
    }
    filled[name] = value + template.slice(from);
  }
  return { headers: filled, secrets };
}
