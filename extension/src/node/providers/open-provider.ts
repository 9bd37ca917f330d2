import {
  badAddress,
  isFromEnvironment,
  originOf,
  unsupportedProvider,
  type Deployment,
  type Prices,
  type Provider,
} from '../../core/models/index.ts';
import { STREAM_LIMITS, type StreamLimits } from './limits.ts';

/**
 * A model that is reached over HTTP, ready to be called; its SDK is loaded here, at first use. `key` comes from `keyOf`.
 * Throws `bad-request` for the providers that live elsewhere (demo, vscode).
 */
export async function openProvider(
  deployment: Deployment,
  key: string | undefined,
  limits: StreamLimits = STREAM_LIMITS,
): Promise<Provider> {
  if (deployment.baseUrl !== undefined) requireAddress(deployment, deployment.baseUrl);
  switch (deployment.provider) {
    case 'openai':
    case 'ollama': {
      const { createOpenAIProvider } = await import('./openai/index.ts');
      const address =
        deployment.provider === 'ollama' ? { baseUrl: deployment.baseUrl ?? 'http://127.0.0.1:11434' } : {};
      return createOpenAIProvider({ ...deployment, ...address }, key, limits);
    }
    case 'anthropic': {
      const { createAnthropicProvider } = await import('./anthropic/index.ts');
      return createAnthropicProvider(deployment, key, limits);
    }
    case 'demo':
    case 'vscode':
      throw unsupportedProvider(deployment);
  }
}

/** Prices from the data package, which is loaded at the first question. */
export function createPrices(): Prices {
  let list: Prices['price'] | undefined;
  return {
    price: async (question) => {
      list ??= (await import('./prices/index.ts')).createPriceList();
      return list(question);
    },
  };
}

/** An address with a password in it would be quoted by every error of the network stack. */
function requireAddress({ id, keyName, provider }: Deployment, baseUrl: string): void {
  const isVariable = isFromEnvironment(keyName);
  const name = isVariable ? `${provider.toUpperCase()}_BASE_URL` : `the configuration of ${id}`;
  if (originOf(baseUrl) === undefined) throw badAddress(name, 'is no http or https address');
  if (new URL(baseUrl).username !== '' || new URL(baseUrl).password !== '') {
    throw badAddress(name, 'holds a user name or a password, which cannot be sent that way');
  }
}
