/** Stands for what must not be reached for: whoever touches it has broken an invariant, which the error says. */
export function untouchable<T extends object>(who: string, what: string): T {
  return new Proxy({} as T, {
    get: () => {
      throw new Error(`Broken invariant: ${who} reached for ${what}`);
    },
  });
}
