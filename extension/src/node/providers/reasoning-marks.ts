/** Marks a thinking block that Anthropic encrypted, whose data we keep where a signature stands otherwise. */
export const REDACTED = 'redacted:';
const RESPONSES = 'openai-responses';

/** Who can read a piece of encrypted reasoning. */
export interface ReasoningOwner {
  /** Of the address that it came from. */
  readonly origin: string;
  readonly model: string;
}

/** The signature of reasoning that came by the Responses API. Its server alone can read it, and for this model alone. */
export function signResponses({ origin, model }: ReasoningOwner, encrypted: string): string {
  return [RESPONSES, origin, model, encrypted].join('|');
}

/** The encrypted reasoning of a signature, or `undefined` when it is somebody else's. */
export function encryptedOf(signature: string, { origin, model }: ReasoningOwner): string | undefined {
  const mark = `${RESPONSES}|${origin}|${model}|`;
  return signature.startsWith(mark) ? signature.slice(mark.length) : undefined;
}

export function isAnthropics(signature: string): boolean {
  return !signature.startsWith(`${RESPONSES}|`);
}
