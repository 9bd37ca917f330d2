import { accountOf, ACCOUNTS } from '../../core/models/index.ts';
import type { AccountName, Deployment } from '../../core/models/index.ts';

/** Whose model it is, as files name it: Gemini and Groq are called through OpenAI's API. */
export function vendorOf({ provider, keyName }: Deployment): AccountName | Deployment['provider'] {
  return (keyName === undefined ? undefined : accountOf(keyName)) ?? provider;
}

/** Where its account's models are, when that is not where the API's own maker has them. */
export function addressOf(deployment: Deployment): string | undefined {
  const vendor = vendorOf(deployment);
  const account = Object.entries(ACCOUNTS).find(([name]) => name === vendor)?.[1];
  return account !== undefined && 'baseUrl' in account ? account.baseUrl : undefined;
}
