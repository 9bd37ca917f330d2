/** Marks a thinking block that Anthropic encrypted, whose data we keep where a signature stands otherwise. */
export const REDACTED = 'redacted:';
const RESPONSES = 'openai-responses';
const EXTRA = 'openai-extra';
/** Marks what a model of the editor thought. */
export const FROM_EDITOR = 'vscode|';

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

/**
 * The signature of what a server of chat completions wants back together with a tool call: Gemini puts its thoughts there, in
 * a form that it alone can read, and from version 3 on refuses calls without them.
 */
export function signExtra({ origin, model }: ReasoningOwner, callId: string, extra: string): string {
  return [EXTRA, origin, model, callId, extra].join('|');
}

/** What belongs to which tool call, as JSON, or `undefined` when it is somebody else's. */
export function extraOf(
  signature: string,
  { origin, model }: ReasoningOwner,
): { readonly callId: string; readonly extra: string } | undefined {
  const mark = `${EXTRA}|${origin}|${model}|`;
  if (!signature.startsWith(mark)) return undefined;
  // A call's id is made of letters, digits, `_` and `-`.
  const rest = signature.slice(mark.length);
  const end = rest.indexOf('|');
  return end === -1 ? undefined : { callId: rest.slice(0, end), extra: rest.slice(end + 1) };
}

export function isAnthropics(signature: string): boolean {
  return ![`${RESPONSES}|`, `${EXTRA}|`, FROM_EDITOR].some((mark) => signature.startsWith(mark));
}
