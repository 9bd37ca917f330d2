import * as z from 'zod';
import { addressFlaw } from './address.ts';
import { EMBEDDER_PROVIDERS, type EmbedderConfig } from './embedder.ts';
import { embedderSettingMistake, noKeyForEmbedder, type EmbedderWhere } from './errors.ts';
import { accountAtHand, type AccountAtHand } from '../../models/accounts.ts';
import {
  boundKeyName,
  DEFAULT_ORIGINS,
  keyOf,
  originOf,
  type Environment,
  type Keys,
} from '../../models/keys.ts';
import { isModelError } from '../../models/model-error.ts';

const KEY_NAME = /^[a-z0-9][a-z0-9-]{0,40}$/i;

const setting = z.strictObject({
  provider: z.enum(EMBEDDER_PROVIDERS),
  model: z.string().trim().min(1).max(200),
  baseUrl: z.string().trim().exactOptional(),
  keyName: z.string().regex(KEY_NAME).exactOptional(),
  dimensions: z.number().int().min(8).max(8_192).exactOptional(),
  weight: z.number().min(0).max(5).exactOptional(),
});

/** The setting `strata.memory.embedder`. */
export type EmbedderSetting = z.infer<typeof setting>;

/** undefined for none, which is the default. Throws what is wrong with it. */
export function readEmbedderSetting(
  value: unknown,
  where: EmbedderWhere = 'setting',
): EmbedderSetting | undefined {
  if (value === null || value === undefined) return undefined;
  // What the settings editor leaves behind when its fields are emptied.
  if (typeof value === 'object' && Object.keys(value).length === 0) return undefined;
  const parsed = setting.safeParse(value);
  if (!parsed.success) throw embedderSettingMistake(mistakeIn(parsed.error), where);
  const flaw = parsed.data.baseUrl === undefined ? undefined : addressFlaw(parsed.data.baseUrl);
  if (flaw !== undefined) throw embedderSettingMistake(`has a “baseUrl” that ${flaw}`, where);
  return parsed.data;
}

/** What a terminal has in place of the setting: the same JSON, or `provider/model`. */
export function embedderOfEnvironment(env: Environment): EmbedderSetting | undefined {
  const text = env[EMBEDDER_VARIABLE]?.trim() ?? '';
  if (text === '') return undefined;
  const at = text.indexOf('/');
  if (!text.startsWith('{'))
    return readEmbedderSetting(
      { provider: text.slice(0, Math.max(at, 0)), model: text.slice(at + 1) },
      'variable',
    );
  try {
    return readEmbedderSetting(JSON.parse(text), 'variable');
  } catch (error) {
    if (error instanceof SyntaxError) throw embedderSettingMistake('is no JSON', 'variable');
    throw error;
  }
}

const EMBEDDER_VARIABLE = 'STRATA_EMBEDDER';

export interface EmbedderSurroundings {
  readonly keys: Keys;
  readonly env: Environment;
  /** Where local models and their runtime are kept. */
  readonly downloads: string;
}

/** The embedder that a setting means, with its address and key. Throws how to set the key where it is missing. */
export async function embedderFrom(
  { provider, model, baseUrl, keyName, dimensions, weight }: EmbedderSetting,
  { keys, env, downloads }: EmbedderSurroundings,
): Promise<EmbedderConfig> {
  const common = {
    provider,
    model,
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(weight === undefined ? {} : { weight }),
  };
  const named = baseUrl === undefined ? undefined : withoutSlash(baseUrl);
  if (provider === 'transformers') {
    return {
      ...common,
      baseUrl: named ?? withoutSlash(env['HF_ENDPOINT'] || MODEL_HOST),
      downloads: { folder: downloads, registry: withoutSlash(env['STRATA_NPM_REGISTRY'] || REGISTRY) },
    };
  }
  if (provider === 'ollama') return { ...common, baseUrl: named ?? OLLAMA };
  const account = keyName === undefined ? await accountAtHand('openai', { keys, env }) : undefined;
  const address = named ?? withoutSlash(account?.baseUrl ?? DEFAULT_ORIGINS.openai);
  const name = keyNameFor(address, keyName, named === undefined ? account : withoutMove(account));
  const deployment = { id: `${provider}/${model}`, provider, model };
  const key =
    name === undefined
      ? undefined
      : await keyOf({ ...deployment, keyName: name }, keys, env).catch((error: unknown) => {
          throw isModelError(error) ? noKeyForEmbedder(error) : error;
        });
  return { ...common, baseUrl: withVersion(address), ...(key === undefined ? {} : { key }) };
}

/** undefined for an address without a key: a server of one's own. */
function keyNameFor(
  address: string,
  keyName: string | undefined,
  account: AccountAtHand | undefined,
): string | undefined {
  const origin = originOf(address) ?? address;
  if (keyName !== undefined) return boundKeyName(keyName, origin);
  if (account?.baseUrl !== undefined) return account.keyName;
  return origin === DEFAULT_ORIGINS.openai ? (account?.keyName ?? 'openai') : undefined;
}

/** A key of the environment goes to the address that stands beside it there, and to no other. */
function withoutMove(account: AccountAtHand | undefined): AccountAtHand | undefined {
  return account?.baseUrl === undefined ? account : undefined;
}

const OLLAMA = 'http://127.0.0.1:11434';
const MODEL_HOST = 'https://huggingface.co';
const REGISTRY = 'https://registry.npmjs.org';

export interface EmbedderChoice {
  readonly label: string;
  readonly detail: string;
  readonly setting: EmbedderSetting | null;
}

/** What people are offered; any other is written into the setting. */
export const EMBEDDER_CHOICES: readonly EmbedderChoice[] = [
  {
    label: 'None: search by keyword',
    detail: 'Nothing leaves this machine, and nothing is downloaded.',
    setting: null,
  },
  {
    label: 'On this machine, with Ollama',
    detail: 'nomic-embed-text, 274 MB. Needs a running Ollama that has pulled it.',
    setting: { provider: 'ollama', model: 'nomic-embed-text' },
  },
  {
    label: 'On this machine, without a server',
    detail: 'bge-small-en-v1.5 by transformers.js. Downloads some 70 MB at first use.',
    setting: { provider: 'transformers', model: 'Xenova/bge-small-en-v1.5' },
  },
  {
    label: 'OpenAI',
    detail: 'text-embedding-3-large. Sends the text of the indexed files to OpenAI, for a fee.',
    setting: { provider: 'openai', model: 'text-embedding-3-large', dimensions: 1_024 },
  },
];

/** `http://host:1234` and `http://host:1234/v1` mean the same; any other path is taken as it is. */
function withVersion(address: string): string {
  return new URL(address).pathname === '/' ? `${address}/v1` : address;
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, '');
}

function mistakeIn(error: z.ZodError): string {
  const [issue] = error.issues;
  const at = issue?.path.map(String).join('.') ?? '';
  const what = (issue?.message ?? 'it is not readable').replace(/\.$/, '');
  return at === '' ? `is wrong: ${what}` : `has a wrong “${at}”: ${what}`;
}
