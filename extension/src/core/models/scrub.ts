const SHORTEST_KEY = 6;
/** Key shapes of OpenAI, Anthropic, Groq, Google and OpenRouter, also when the server masked the middle with `*`. */
const LOOKS_LIKE_A_KEY = /\b(?:sk|gsk|pk|xai|AIza)[-_]?[A-Za-z0-9_*.-]{10,}/g;

/**
 * The text without the key: servers quote (parts of) it in their error messages, and those end up in the run log.
 * `key` is the one that was sent, if any.
 */
export function scrubKey(text: string, key: string | undefined): string {
  const exact = key !== undefined && key.length >= SHORTEST_KEY ? text.replaceAll(key, '[key]') : text;
  return exact.replace(LOOKS_LIKE_A_KEY, '[key]').replace(/\bBearer\s+[^\s"'[]+/gi, 'Bearer [key]');
}
