import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Json } from '../../../base/json.ts';
import { destinationMistake } from './errors.ts';

export const PROFILES = ['generic', 'langfuse', 'langsmith', 'azure-monitor'] as const;
export type Profile = (typeof PROFILES)[number];

export const PROTOCOLS = ['http/protobuf', 'http/json'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Where runs are exported to. */
export interface Destination {
  /** The same for the same profile and address: what waits for it is kept under it. */
  readonly id: string;
  readonly profile: Profile;
  /** The whole address of the traces. */
  readonly url: string;
  /** Values may name secrets, see `fillHeaders`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly protocol: Protocol;
  /** Messages, arguments and results leave too. */
  readonly content: boolean;
  /** Whom the back end shows as the user, in the place of who started a run. */
  readonly user: string | undefined;
}

const setting = z.strictObject({
  profile: z.enum(PROFILES).default('generic'),
  endpoint: z.url({ protocol: /^https?$/ }),
  headers: z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), z.string()).default({}),
  protocol: z.enum(PROTOCOLS).default('http/protobuf'),
  content: z.boolean().default(true),
  user: z.string().min(1).exactOptional(),
});

export interface ReadDestinations {
  readonly destinations: readonly Destination[];
  /** One for each entry that was left out. */
  readonly mistakes: readonly Error[];
}

/**
 * Reads the setting `strata.observability.export`. An entry with a mistake costs the others nothing. Without `content` for all
 * of them none gets any.
 */
export function readDestinations(
  value: Json | undefined,
  { content }: { readonly content: boolean },
): ReadDestinations {
  if (value === undefined || value === null) return { destinations: [], mistakes: [] };
  if (!Array.isArray(value))
    return { destinations: [], mistakes: [destinationMistake('it must be a list of destinations')] };
  const destinations: Destination[] = [];
  const mistakes: Error[] = [];
  for (const [index, entry] of value.entries()) {
    const read = setting.safeParse(entry);
    if (!read.success) {
      const [issue] = read.error.issues;
      const place = [index, ...(issue?.path ?? [])].join('.');
      mistakes.push(destinationMistake(`entry ${place}: ${issue?.message ?? 'it is no destination'}`));
      continue;
    }
    const { profile, endpoint, headers, protocol, user } = read.data;
    destinations.push(
      destinationAt(profile, tracesUrl(profile, endpoint), {
        ...{ headers, protocol, user },
        content: content && read.data.content,
      }),
    );
  }
  return { destinations, mistakes };
}

export function destinationAt(
  profile: Profile,
  url: string,
  rest: Pick<Destination, 'headers' | 'protocol' | 'content' | 'user'>,
): Destination {
  const id = createHash('sha256').update(`${profile} ${url}`).digest('hex').slice(0, 16);
  return { id, profile, url, ...rest, headers: { ...usualHeaders(profile, rest.headers), ...rest.headers } };
}

/** The path that a back end takes traces at. An address that has it already is left as it is. */
export function tracesUrl(profile: Profile, endpoint: string): string {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith('/v1/traces') ? path : `${path}${missingPath(profile, url, path)}`;
  return url.href;
}

function missingPath(profile: Profile, url: URL, path: string): string {
  if (profile === 'langfuse' && !path.endsWith('/api/public/otel')) return '/api/public/otel/v1/traces';
  if (profile === 'langsmith' && !path.endsWith('/otel')) {
    const isCloud = url.hostname === 'smith.langchain.com' || url.hostname.endsWith('.smith.langchain.com');
    return isCloud ? '/otel/v1/traces' : '/api/v1/otel/v1/traces';
  }
  return '/v1/traces';
}

/** What a back end wants beside what the user gave. A header that the user gave wins, however its letters are cased. */
function usualHeaders(
  profile: Profile,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const usual: Readonly<Record<string, string>> = {
    ...(profile === 'langfuse' && {
      Authorization: '${basic:langfuse}',
      'x-langfuse-ingestion-version': '4',
    }),
    ...(profile === 'langsmith' && { 'x-api-key': '${secret:langsmith}' }),
  };
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(usual).filter(([name]) => !names.has(name.toLowerCase())));
}
