import { calcPrice, type PriceCalculationResult, type PriceOptions } from '@pydantic/genai-prices';
import {
  DEFAULT_ORIGINS,
  isFromEnvironment,
  originOf,
  usdOf,
  type Price,
  type PriceQuestion,
  type Prices,
  type TokenPrice,
} from '../../../core/models/index.ts';
import type { Usage } from '../../../protocol/message.ts';
import { flatPriceOf } from './flat-price.ts';

/** A server may answer with another name of the model each time. */
const MOST_KEPT = 1_000;

/** The price of a model, the part of the list that it stands in where its price is no flat one, or that there is none. */
type Found = { readonly flat: TokenPrice } | Pick<PriceOptions, 'provider'> | 'nowhere';

/** From the price list of the package, which stands in the program: nothing is fetched. */
export function createPriceList(): Prices['price'] {
  /** Looking takes longer than counting. */
  const found = new Map<string, Found>();

  const total = (usage: Usage, model: string, list: PriceOptions): number | undefined => {
    const key = JSON.stringify([model, list.providerId, list.providerApiUrl]);
    const known = found.get(key);
    if (known === 'nowhere') return undefined;
    if (known !== undefined && 'flat' in known) return usdOf(usage, known.flat);
    const result = calcPrice(countsOf(usage), model, known ?? list);
    if (known === undefined) {
      if (found.size >= MOST_KEPT) found.clear();
      found.set(key, foundAt(result));
    }
    return result?.total_price;
  };

  return async (question) => priceOf(question, total);
}

function foundAt(result: PriceCalculationResult): Found {
  if (result === null) return 'nowhere';
  const flat = flatPriceOf(result);
  return flat ? { flat } : { provider: { ...result.provider, models: [result.model] } };
}

function countsOf(usage: Usage): Parameters<typeof calcPrice>[0] {
  return {
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_read_tokens: usage.cacheRead ?? 0,
    cache_write_tokens: usage.cacheWrite ?? 0,
    cache_write_1h_tokens: usage.cacheWrite1h ?? 0,
  };
}

function priceOf(
  { deployment, model, usage }: PriceQuestion,
  total: (usage: Usage, model: string, list: PriceOptions) => number | undefined,
): Price | undefined {
  const { provider, baseUrl, keyName } = deployment;
  if (provider !== 'openai' && provider !== 'anthropic') return undefined;
  const from = (list: PriceOptions): number | undefined =>
    total(usage, nameOf(model), list) ?? total(usage, nameOf(deployment.model), list);
  const official = baseUrl === undefined || originOf(baseUrl) === DEFAULT_ORIGINS[provider];
  const own = from(official ? { providerId: provider } : { providerApiUrl: baseUrl });
  if (own !== undefined) return { usd: own, exact: true };
  // A gateway that the user's own environment names in the provider's place most likely charges the provider's prices.
  if (official || !isFromEnvironment(keyName)) return undefined;
  const likely = from({ providerId: provider });
  return likely === undefined ? undefined : { usd: likely, exact: false };
}

/** Gemini lists its models as `models/<name>`, and takes and gives either form. */
function nameOf(model: string): string {
  return model.replace(/^models\//, '');
}
