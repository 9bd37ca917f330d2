import type { Download } from './download.ts';

const textual =
  /^(text\/.*|application\/(.*\+)?(json|xml|xhtml|javascript|ecmascript|yaml|x-yaml|toml|graphql|sql|x-sh|x-ndjson)|image\/svg\+xml)$/;

/** The body as text, in the charset that it says it has; undefined when it is none. */
export function textOf({ type, body }: Download): string | undefined {
  const head = body.subarray(0, 2048).toString('latin1');
  if (!textual.test(type.essence) && !(type.essence === '' && !head.includes('\0'))) return undefined;
  const named =
    type.charset ??
    (/html|xml/.test(type.essence)
      ? /<meta[^>]+charset\s*=\s*["']?([\w-]+)|<\?xml[^>]+encoding\s*=\s*["']([\w-]+)/i.exec(head)
      : null);
  const charset = typeof named === 'string' ? named : (named?.[1] ?? named?.[2] ?? 'utf-8');
  return decode(body, charset);
}

function decode(body: Buffer, charset: string): string {
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString('utf8'); // A name that nobody knows.
  }
}
