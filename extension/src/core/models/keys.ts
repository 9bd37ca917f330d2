import { ACCOUNTS, type AccountName } from './catalogue.ts';
import { malformedKey, missingKey } from './errors.ts';
import type { Deployment } from './provider.ts';

/** Where keys are kept: VS Code's SecretStorage, or the environment of the CLI. Names are those of `Deployment.keyName`. */
export interface Keys {
  get(name: string): Promise<string | undefined>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_ORIGINS = {
  openai: 'https://api.openai.com',
  anthropic: 'https://api.anthropic.com',
} as const;

export const ACCOUNT_NAMES = [
  'anthropic',
  'openai',
  'gemini',
  'groq',
] as const satisfies readonly AccountName[];

/** Marks the key name of a key that lies in the environment beside the address it is meant for. */
const FROM_ENVIRONMENT = 'env:';

/** The name of the key that a variable of the environment holds. */
export function environmentKeyName(variable: string): string {
  return `${FROM_ENVIRONMENT}${variable}`;
}

/** It came from the environment, and so did the address that it goes to. */
export function isFromEnvironment(keyName: string | undefined): boolean {
  return keyName !== undefined && environmentVariable(keyName) !== undefined;
}

/** The account whose key it is; undefined for a key that a configuration gave a name of its own. */
export function accountOf(keyName: string): AccountName | undefined {
  const variable = environmentVariable(keyName);
  return ACCOUNT_NAMES.find(
    (name) => name === keyName || ACCOUNTS[name].variables.some((one) => one === variable),
  );
}

/**
 * The name of a key that a configuration gave a name of its own. The origin is part of the name: a workspace file that
 * points the same name at another server asks for another key, and gets none.
 */
export function boundKeyName(name: string, origin: string): string {
  return `${name}@${origin}`;
}

/**
 * Keys of the CLI. The key `work` is STRATA_KEY_WORK, and goes to the origin of STRATA_KEY_WORK_URL only. The keys of the
 * two providers are found by `resolveRoutes` itself, together with their addresses.
 */
export function createEnvironmentKeys(env: Environment): Keys {
  return {
    get: (name) => {
      const at = name.indexOf('@');
      if (at <= 0) return Promise.resolve(undefined);
      const variable = variableFor(name.slice(0, at));
      const allowed = originOf(env[`${variable}_URL`] ?? '');
      return Promise.resolve(allowed === name.slice(at + 1) ? nonEmpty(env[variable]) : undefined);
    },
  };
}

/** The key of a deployment, or `undefined` when it needs none. Throws `auth` when it is missing or cannot be sent. */
export async function keyOf(
  deployment: Deployment,
  keys: Keys,
  env: Environment,
): Promise<string | undefined> {
  const name = deployment.keyName;
  if (name === undefined) return undefined;
  const variable = environmentVariable(name);
  const key = nonEmpty(variable === undefined ? await keys.get(name) : env[variable]);
  if (key === undefined) throw missingKey(deployment, howToSetKey(name));
  const flaw = flawIn(key);
  if (flaw !== undefined) throw malformedKey(variable ?? `the key store (“${name}”)`, flaw);
  return key;
}

export function hasText(value: string | undefined): value is string {
  return nonEmpty(value) !== undefined;
}

/** `undefined` for anything but an absolute http(s) address. */
export function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? parsed.origin : undefined;
}

/** One sentence that says where the key of this name is set, in the editor and in a terminal. */
export function howToSetKey(name: string): string {
  const at = name.indexOf('@');
  if (at > 0) {
    const variable = variableFor(name.slice(0, at));
    return `Set it with “Strata: Set API Key” for ${name.slice(at + 1)}, or set ${variable} together with ${variable}_URL=${name.slice(at + 1)}.`;
  }
  const account = accountOf(name);
  const variable = environmentVariable(name) ?? (account ? ACCOUNTS[account].variables[0] : undefined);
  const orThere = variable === undefined ? '' : `, or in the environment variable ${variable}`;
  return `Set it with “Strata: Set API Key”${orThere}.`;
}

/** What to do where a server refuses the key that it got, or wants one. */
export function howToMendKey({ keyName }: Deployment): string {
  if (keyName === undefined)
    return 'It was asked without a key. Give the deployment a "keyName" in .strata/models.jsonc, and set that key with “Strata: Set API Key”.';
  return `See that the key is valid, and that its account has credit and may use the model. ${howToSetKey(keyName)}`;
}

function environmentVariable(name: string): string | undefined {
  const variable = name.startsWith(FROM_ENVIRONMENT) ? name.slice(FROM_ENVIRONMENT.length) : undefined;
  const isKnown = ACCOUNT_NAMES.some((name) => ACCOUNTS[name].variables.some((one) => one === variable));
  return isKnown ? variable : undefined;
}

function variableFor(name: string): string {
  return `STRATA_KEY_${name.toUpperCase().replaceAll('-', '_')}`;
}

function flawIn(key: string): string | undefined {
  if (/[\r\n]/.test(key)) return 'a line break';
  if (/\s/.test(key)) return 'a space';
  return /[^\x21-\x7e]/.test(key) ? 'a character other than letters, digits and punctuation' : undefined;
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
