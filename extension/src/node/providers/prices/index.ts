import { calcPrice, type PriceOptions } from '@pydantic/genai-prices';
import { DEFAULT_ORIGINS, originOf, type Price, type PriceQuestion } from '../../../core/models/index.ts';

/** From the price list of the package, which stands in the program: nothing is fetched. */
export function priceOf({ deployment, model, usage }: PriceQuestion): Price | undefined {
  const { provider, baseUrl, keyName } = deployment;
  if (provider !== 'openai' && provider !== 'anthropic') return undefined;
  const tokens = {
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_read_tokens: usage.cacheRead ?? 0,
    cache_write_tokens: usage.cacheWrite ?? 0,
  };
  const official = baseUrl === undefined || originOf(baseUrl) === DEFAULT_ORIGINS[provider];
  // A gateway that the user's own environment names in the provider's place most likely charges the provider's prices.
  const gateway = keyName?.startsWith('env:') === true;
  const list: PriceOptions = official || gateway ? { providerId: provider } : { providerApiUrl: baseUrl };
  const usd = total(tokens, model, list) ?? total(tokens, deployment.model, list);
  return usd === undefined ? undefined : { usd, exact: official || !gateway };
}

function total(
  tokens: Parameters<typeof calcPrice>[0],
  model: string,
  list: PriceOptions,
): number | undefined {
  const result = calcPrice(tokens, model, list);
  return result === null ? undefined : result.total_price;
}
