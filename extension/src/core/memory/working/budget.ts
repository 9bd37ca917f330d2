/** Tokens that one request may come to, the answer included, where nothing else is configured. */
export const DEFAULT_CONTEXT_TOKENS = 100_000;

/** Shares of the budget. Condensing starts late and goes far down, so that it is rare. */
export const SHARES = {
  /** Condense above this… */
  full: 0.85,
  /** … down to this, counting a summary of the longest kind. */
  after: 0.5,
  /** The newest turns stay up to this much, unless the rest alone is too large. */
  newest: 0.25,
  /** The longest summary, with its list of files. */
  summary: 0.1,
  /** Of it, the list of changed files; beyond this it names folders. */
  files: 0.05,
  /** Below the whole budget, condensing must be worth this much. */
  worthwhile: 0.1,
  /** One text of a tool result; beyond this its middle is left out. */
  result: 0.15,
  /** All texts of tool results of one turn. */
  results: 0.3,
} as const;

/** Kept free for the answer: this many tokens, or a tenth of a small context. */
const ANSWER_TOKENS = 8_000;

/** What the messages and tools of a request may come to. */
export function budgetOf(contextTokens: number): number {
  return Math.max(1, Math.floor(contextTokens - Math.min(ANSWER_TOKENS, contextTokens / 10)));
}
