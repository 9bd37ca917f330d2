/** Throws when something that the program itself guarantees does not hold. Never use it for what a user or a peer can cause. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${message}`);
}

/** Marks a union as handled completely; a variant that was added later fails to compile here. */
export function unreachable(value: never): never {
  throw new Error(`Broken invariant: unexpected ${JSON.stringify(value)}`);
}
