import { ACCOUNTS, type AccountName, type ModelAccount } from './catalogue.ts';
import { environmentKeyName, hasText, type Environment, type Keys } from './keys.ts';

export interface AccountAtHand {
  readonly provider: 'anthropic' | 'openai';
  readonly keyName: string;
  readonly baseUrl?: string;
  /** Where the key comes from, in words. */
  readonly from: string;
}

/** Variables that move a provider to another address, such as a gateway of the company. */
const MOVED: Readonly<Partial<Record<AccountName, string>>> = {
  anthropic: 'ANTHROPIC_BASE_URL',
  openai: 'OPENAI_BASE_URL',
};

/** A stored key goes to the provider itself; a key of the environment to the address that stands beside it there. */
export async function accountAtHand(
  name: AccountName,
  { keys, env }: { readonly keys: Keys; readonly env: Environment },
): Promise<AccountAtHand | undefined> {
  const { provider, variables, baseUrl: own }: ModelAccount = ACCOUNTS[name];
  const address = own === undefined ? {} : { baseUrl: own };
  if (hasText(await keys.get(name))) return { provider, keyName: name, from: 'a stored key', ...address };
  const variable = variables.find((one) => hasText(env[one]));
  if (variable === undefined) return undefined;
  const moved = env[MOVED[name] ?? ''];
  return {
    provider,
    keyName: environmentKeyName(variable),
    from: variable,
    ...(hasText(moved) ? { baseUrl: moved } : address),
  };
}
