import type { StoredOAuthClientInformation, StoredOAuthTokens } from '@modelcontextprotocol/client';
import * as z from 'zod';
import type { SignInStore } from '../../../core/tools/tool-host.ts';

/** What is kept of a sign-in. Both parts carry the issuer that they are for, which the SDK checks before it uses them. */
export interface SignInRecord {
  readonly client?: StoredOAuthClientInformation;
  readonly tokens?: StoredOAuthTokens;
  /** The port that the client was registered with. */
  readonly port?: number;
}

const client = z.looseObject({
  client_id: z.string(),
  client_secret: z.string().optional(),
  issuer: z.string().optional(),
});
const tokens = z.looseObject({
  access_token: z.string(),
  token_type: z.string(),
  refresh_token: z.string().optional(),
  scope: z.string().optional(),
  expires_in: z.number().optional(),
  issuer: z.string().optional(),
});
const record = z.object({
  version: z.literal(1),
  client: client.optional(),
  tokens: tokens.optional(),
  port: z.number().int().min(1).max(65_535).optional(),
});

export async function readRecord(store: SignInStore, key: string): Promise<SignInRecord> {
  const text = await store.get(key);
  if (text === undefined) return {};
  try {
    const parsed = record.parse(JSON.parse(text));
    return {
      ...(parsed.client ? { client: defined(parsed.client) } : {}),
      ...(parsed.tokens ? { tokens: defined(parsed.tokens) } : {}),
      ...(parsed.port === undefined ? {} : { port: parsed.port }),
    };
  } catch {
    return {}; // Written by another version, or damaged: the person signs in again.
  }
}

export async function writeRecord(store: SignInStore, key: string, value: SignInRecord): Promise<void> {
  await store.set(key, JSON.stringify({ version: 1, ...value }));
}

/** For a window that keeps no sign-ins, for as long as it is open. */
export function memoryStore(): SignInStore {
  const kept = new Map<string, string>();
  return {
    get: (key) => Promise.resolve(kept.get(key)),
    set: (key, value) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, value);
      return Promise.resolve();
    },
  };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
