import type { PriceCalculationResult } from '@pydantic/genai-prices';
import type { TokenPrice } from '../../../core/models/index.ts';

/** What the list counts beside tokens comes in no usage of ours, and costs nothing then. */
const COUNTED_ELSEWHERE: ReadonlySet<string> = new Set(['web_searches_kcount', 'storage_searches_kcount']);
const TOKENS: ReadonlySet<string> = new Set([
  'input_mtok',
  'output_mtok',
  'cache_read_mtok',
  'cache_write_mtok',
  'cache_write_1h_mtok',
]);

/**
 * The price of an entry that has one for each kind of token, at all times and however long the request is. Undefined for any
 * other: those the list counts itself, which takes longer than all else that is done for a short call.
 */
export function flatPriceOf({
  model,
  model_price: all,
}: NonNullable<PriceCalculationResult>): TokenPrice | undefined {
  if (Array.isArray(model.prices)) return undefined;
  const numbers: Record<string, number> = {};
  for (const [name, price] of Object.entries(all)) {
    if (price === undefined || COUNTED_ELSEWHERE.has(name)) continue;
    if (!TOKENS.has(name) || typeof price !== 'number') return undefined;
    numbers[name] = price;
  }
  const { input_mtok: input, output_mtok: output } = numbers;
  if (input === undefined || output === undefined) return undefined;
  const {
    cache_read_mtok: cacheRead,
    cache_write_mtok: cacheWrite,
    cache_write_1h_mtok: cacheWrite1h,
  } = numbers;
  return {
    input,
    output,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(cacheWrite1h === undefined ? {} : { cacheWrite1h }),
  };
}
