import { messageOf } from '../../base/errors.ts';
import type { AssistantMessage, Cost, Message, ToolDefinition, Usage } from '../../protocol/message.ts';
import type { ChatReply, ChatRequest, Deployment, TokenPrice } from './provider.ts';

/** Where prices come from. `undefined` when no price is known for this model at this address. */
export interface Prices {
  price(question: PriceQuestion): Promise<Price | undefined>;
}

export interface PriceQuestion {
  readonly deployment: Deployment;
  /** The model's own name as the answer gave it, which may be dated or more precise than the deployment's. */
  readonly model: string;
  readonly usage: Usage;
}

export interface Price {
  readonly usd: number;
  /** The price list is that of this very provider; otherwise it is a likely one, such as behind a gateway. */
  readonly exact: boolean;
}

/** A rule of thumb for English and code, given by OpenAI's tokenizer page; good to about 30 %. */
const CHARACTERS_PER_TOKEN = 4;
/** A picture of about 1 megapixel costs 1,000 to 1,600 tokens at Anthropic and OpenAI. */
const TOKENS_PER_IMAGE = 1_200;

/** The usage and the cost of one answered call; computed here and nowhere else. */
export async function billOf(
  deployment: Deployment,
  request: ChatRequest,
  reply: ChatReply,
  prices: Prices,
  onProblem: (text: string) => void,
): Promise<{ readonly usage: Usage; readonly cost: Cost }> {
  const told = reply.usage !== undefined && isPlausible(reply.usage) ? reply.usage : undefined;
  const usage = told ?? estimateUsage(request, reply.message);
  if (deployment.price !== undefined) {
    const kind = told === undefined ? 'estimated' : 'priced';
    return { usage, cost: { kind, usd: usdOf(usage, deployment.price) } };
  }
  if (deployment.provider === 'demo' || deployment.provider === 'ollama')
    return { usage, cost: { kind: 'free' } };
  const price = await prices.price({ deployment, model: reply.model, usage }).catch((error: unknown) => {
    // The answer is paid for: it must not be lost for want of its price.
    onProblem(`The price of ${deployment.id} could not be looked up: ${messageOf(error)}.`);
    return undefined;
  });
  if (price === undefined) return { usage, cost: { kind: 'unknown' } };
  const kind = told !== undefined && price.exact && reply.tier === undefined ? 'priced' : 'estimated';
  return { usage, cost: { kind, usd: price.usd } };
}

const TOKENS_PER_PRICE = 1_000_000;

export function usdOf(usage: Usage, price: TokenPrice): number {
  const { cacheRead = 0, cacheWrite = 0, cacheWrite1h = 0 } = usage;
  const ofWrite = price.cacheWrite ?? price.input;
  const sum =
    (usage.input - cacheRead - cacheWrite) * price.input +
    cacheRead * (price.cacheRead ?? price.input) +
    (cacheWrite - cacheWrite1h) * ofWrite +
    cacheWrite1h * (price.cacheWrite1h ?? ofWrite) +
    usage.output * price.output;
  return sum / TOKENS_PER_PRICE;
}

/** Gateways have sent negative counts, NaN as null, and more cached tokens than tokens. */
function isPlausible(usage: Usage): boolean {
  const counts = [
    usage.input,
    usage.output,
    usage.cacheRead ?? 0,
    usage.cacheWrite ?? 0,
    usage.cacheWrite1h ?? 0,
    usage.reasoning ?? 0,
  ];
  if (!counts.every((count) => Number.isFinite(count) && count >= 0)) return false;
  if ((usage.cacheWrite1h ?? 0) > (usage.cacheWrite ?? 0)) return false;
  return (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0) <= usage.input;
}

export function estimateUsage(request: ChatRequest, answer: AssistantMessage): Usage {
  return { input: estimateInput(request.messages, request.tools), output: tokensOf(answer) };
}

function estimateInput(messages: readonly Message[], tools: readonly ToolDefinition[]): number {
  const ofTools = tools.length === 0 ? 0 : Math.ceil(JSON.stringify(tools).length / CHARACTERS_PER_TOKEN);
  return messages.reduce((sum, message) => sum + tokensOf(message), ofTools);
}

/** By estimate; see `CHARACTERS_PER_TOKEN`. */
export function tokensOf(message: Message): number {
  if (message.role === 'system') return Math.ceil(message.text.length / CHARACTERS_PER_TOKEN);
  let characters = 0;
  let images = 0;
  for (const part of message.content) {
    if (part.type === 'image') images += 1;
    else if (part.type === 'tool-call')
      characters += part.tool.length + JSON.stringify(part.arguments).length;
    else characters += part.text.length;
  }
  return Math.ceil(characters / CHARACTERS_PER_TOKEN) + images * TOKENS_PER_IMAGE;
}
