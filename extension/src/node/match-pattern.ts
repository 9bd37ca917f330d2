import { runInNewContext } from 'node:vm';

/** Long for any pattern that ends, and short for a person who types. */
const LIMIT_MS = 50;

/**
 * Whether a text matches a pattern that came from elsewhere; undefined when the pattern is none, or took too long. In a context
 * of its own an expression can be interrupted: a pattern such as `(a+)+$` would otherwise stop the whole process.
 */
export function matchPattern(pattern: string, text: string): boolean | undefined {
  try {
    const found: unknown = runInNewContext(
      'new RegExp(pattern, "u").test(text)',
      { pattern, text },
      { timeout: LIMIT_MS },
    );
    return found === true;
  } catch {
    // It is no expression, or it was interrupted: then nothing is known, and the server checks it.
    return undefined;
  }
}
