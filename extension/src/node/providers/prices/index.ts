import { calcPrice, type PriceCalculationResult, type PriceOptions } from '@pydantic/genai-prices';
import {
  DEFAULT_ORIGINS,
  isFromEnvironment,
  originOf,
  type Price,
  type PriceQuestion,
  type Prices,
} from '../../../core/models/index.ts';

type Counts = Parameters<typeof calcPrice>[0];
type Found = NonNullable<PriceCalculationResult>;

/** A server may answer with another name of the model each time. */
const MOST_KEPT = 1_000;

/** From the price list of the package, which stands in the program: nothing is fetched. */
export function createPriceList(): Prices['price'] {
  /** The entry of the list that a model was found at, or that there is none: looking takes longer than counting with it. */
  const found = new Map<string, Pick<Found, 'provider'> | 'nowhere'>();
  const keep = (key: string, at: Pick<Found, 'provider'> | 'nowhere'): void => {
    if (found.size >= MOST_KEPT) found.clear();
    found.set(key, at);
  };

  const total = (counts: Counts, model: string, list: PriceOptions): number | undefined => {
    const key = JSON.stringify([model, list.providerId, list.providerApiUrl]);
    const known = found.get(key);
    if (known === 'nowhere') return undefined;
    const result = calcPrice(counts, model, known ?? list);
    if (result === null) {
      keep(key, 'nowhere');
      return undefined;
    }
    const { provider, model: entry } = result;
    if (!known) keep(key, { provider: { ...provider, models: [entry] } });
    return result.total_price;
  };

  return async (question) => priceOf(question, total);
}

function priceOf(
  { deployment, model, usage }: PriceQuestion,
  total: (counts: Counts, model: string, list: PriceOptions) => number | undefined,
): Price | undefined {
  const { provider, baseUrl, keyName } = deployment;
  if (provider !== 'openai' && provider !== 'anthropic') return undefined;
  const counts = {
    input_tokens: usage.input,
    output_tokens: usage.output,
    cache_read_tokens: usage.cacheRead ?? 0,
    cache_write_tokens: usage.cacheWrite ?? 0,
    cache_write_1h_tokens: usage.cacheWrite1h ?? 0,
  };
  const from = (list: PriceOptions): number | undefined =>
    total(counts, nameOf(model), list) ?? total(counts, nameOf(deployment.model), list);
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
