import { CHARACTERS_A_TOKEN } from './embedding-models.ts';

export interface BatchLimits {
  readonly texts: number;
  readonly tokens: number;
}

/**
 * Texts as they go out together. Providers allow 100 to 2,048 texts and some 100,000 tokens or more; a local server answers within a
 * reasonable time for far fewer, and a batch that fails is lost whole.
 */
export const BATCH_LIMITS: BatchLimits = { texts: 64, tokens: 16_000 };

/** Those that come first and fit together: at least one, however long it is. */
export function nextBatch<T extends { readonly text: string }>(
  items: readonly T[],
  from: number,
  limits: BatchLimits,
): readonly T[] {
  let tokens = 0;
  let end = from;
  while (end < items.length && end - from < limits.texts) {
    tokens += Math.ceil((items[end]?.text.length ?? 0) / CHARACTERS_A_TOKEN);
    if (end > from && tokens > limits.tokens) break;
    end++;
  }
  return items.slice(from, end);
}

/** Cut at a whole character: half of a surrogate pair is no valid JSON text for some servers. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = text.charCodeAt(most - 1) >= 0xd800 && text.charCodeAt(most - 1) <= 0xdbff ? most - 1 : most;
  return text.slice(0, end);
}
