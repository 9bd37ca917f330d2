import type { Json } from '../../../base/json.ts';
import type { Cost, Usage } from '../../../protocol/message.ts';
import { strata } from '../genai-names.ts';
import { names } from './foreign-names.ts';
import { jsonOf, numberOf, textOf } from './incoming.ts';
import type { Attributes } from './incoming.ts';
import { memberOf } from './message-form.ts';

/**
 * Totals are made inclusive: by Anthropic’s own names, and in spans of some libraries, what was read from and written to the
 * cache is counted beside the input.
 */
export function usageOf(attributes: Attributes): Usage | undefined {
  const told = countOf(attributes, names.input, ['input_tokens']);
  const output = countOf(attributes, names.output, ['output_tokens']);
  if (told === undefined && output === undefined) return undefined;
  const cacheRead = whole(countOf(attributes, names.cacheRead, ['input_token_details', 'cache_read']));
  const cacheWrite = whole(countOf(attributes, names.cacheWrite, ['input_token_details', 'cache_creation']));
  const reasoning = whole(countOf(attributes, names.reasoning, ['output_token_details', 'reasoning']));
  const cached = (cacheRead ?? 0) + (cacheWrite ?? 0);
  const input = whole(told) ?? 0;
  return {
    input: input < cached || isAnthropicWay(attributes) ? input + cached : input,
    output: whole(output) ?? 0,
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}

export function costOf(attributes: Attributes): Cost | undefined {
  const own = textOf(attributes, strata.costKind);
  if (own === 'free' || own === 'unknown') return { kind: own };
  const usd = numberOf(attributes, ...names.cost) ?? costInDetails(attributes);
  if (usd === undefined || usd < 0) return undefined;
  return { kind: own === 'estimated' ? 'estimated' : 'priced', usd };
}

/** An attribute of its own, else what stands in JSON under the path. */
function countOf(
  attributes: Attributes,
  keys: readonly string[],
  path: readonly string[],
): number | undefined {
  return numberOf(attributes, ...keys) ?? numberAt(attributes, names.usageDetails, path);
}

function costInDetails(attributes: Attributes): number | undefined {
  return (
    numberAt(attributes, names.costDetails, ['total']) ??
    numberAt(attributes, names.usageDetails, ['total_cost'])
  );
}

function numberAt(
  attributes: Attributes,
  keys: readonly string[],
  path: readonly string[],
): number | undefined {
  for (const key of keys) {
    let value: Json | undefined = jsonOf(attributes.get(key));
    for (const member of path) value = value === undefined ? undefined : memberOf(value, member);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
  }
  return undefined;
}

function isAnthropicWay(attributes: Attributes): boolean {
  return attributes.has('input_tokens') && attributes.has('cache_read_tokens');
}

function whole(value: number | undefined): number | undefined {
  return value === undefined || value < 0 ? undefined : Math.round(value);
}
