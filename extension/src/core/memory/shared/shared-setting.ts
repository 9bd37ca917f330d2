import * as z from 'zod';
import { boundKeyName, type Environment, type Keys } from '../../models/keys.ts';
import { sharedMemoryMistake } from '../errors.ts';

/** Where a team keeps its memory, as the settings have it. */
export interface SharedSetting {
  readonly uri: string;
  readonly storageOptions: Readonly<Record<string, string>>;
}

/** Where the tables of one project lie. */
export const sharedPlace = z.object({
  uri: z.string(),
  /** Of the names of the tables: a database has no folders. */
  prefix: z.string(),
  /** With the secrets. They are in no file and in no message. */
  storageOptions: z.record(z.string(), z.string()),
});

export type SharedPlace = Readonly<z.infer<typeof sharedPlace>>;

const options = z.record(
  z.string().regex(/^[a-z][a-z0-9_]{0,80}$/i),
  z.union([z.string().max(10_000), z.number(), z.boolean()]),
);

/** The settings `strata.memory.uri` and `.storageOptions`; undefined for memory on this machine. Throws what is wrong with them. */
export function readSharedSetting(uri: unknown, storageOptions: unknown): SharedSetting | undefined {
  if (uri === undefined || uri === null || uri === '') return undefined;
  if (typeof uri !== 'string') throw sharedMemoryMistake('“uri” is not a text');
  const address = uri.trim().replace(/\/+$/, '');
  if (address === '') return undefined;
  if (!/^(?:s3|gs|az|db):\/\/[^\s?#@]+$/.test(address))
    throw sharedMemoryMistake(
      '“uri” is not an address such as s3://bucket/folder, gs://bucket/folder, az://container/folder or db://database',
    );
  if (address.startsWith('db://') && address.slice('db://'.length).includes('/'))
    throw sharedMemoryMistake('“uri” names a folder in a database, which has none');
  const parsed = options.safeParse(storageOptions ?? {});
  if (!parsed.success)
    throw sharedMemoryMistake('“storageOptions” is not an object of names with texts, numbers or booleans');
  const secret = Object.keys(parsed.data).find(isSecret);
  if (secret !== undefined)
    throw sharedMemoryMistake(
      `“${secret}” is a secret and does not belong into settings; it is taken from the environment, or from the key “memory” that “Strata: Set API Key” keeps for ${address}`,
    );
  const texts = Object.entries(parsed.data).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { uri: address, storageOptions: z.record(z.string(), z.string()).parse(Object.fromEntries(texts)) };
}

function isSecret(name: string): boolean {
  return !/access_key_id$/i.test(name) && /secret|token|password|sas|(?:_|^)key$|credential/i.test(name);
}

/** The place of one project there, with the secret that is kept for the address. */
export async function sharedPlaceFrom(
  { uri, storageOptions }: SharedSetting,
  project: string,
  { keys, env }: { readonly keys: Keys; readonly env: Environment },
): Promise<SharedPlace> {
  const isDatabase = uri.startsWith('db://');
  const kept = await keys.get(boundKeyName('memory', uri));
  const secret = kept ?? (isDatabase ? env['LANCEDB_API_KEY'] : undefined);
  const name = SECRETS[uri.slice(0, uri.indexOf(':'))];
  if (isDatabase && !secret)
    throw sharedMemoryMistake(
      `there is no key for ${uri}: set LANCEDB_API_KEY, or use “Strata: Set API Key” for another server, with the name “memory” and this address`,
    );
  return {
    uri: isDatabase ? uri : `${uri}/${project}`,
    prefix: isDatabase ? `${project}-` : '',
    storageOptions: { ...storageOptions, ...(secret && name !== undefined ? { [name]: secret } : {}) },
  };
}

/** What the key that is kept for an address is, by its scheme. */
const SECRETS: Readonly<Record<string, string>> = {
  s3: 'aws_secret_access_key',
  gs: 'google_service_account_key',
  az: 'azure_storage_account_key',
  db: 'api_key',
};
