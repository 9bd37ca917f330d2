/** Long work, to be done bit by bit; each says how much it was, in units of whoever does the work. */
export type InParts<T> = Generator<number, T>;

/** All at once. */
export function finish<T>(work: InParts<T>): T {
  for (;;) {
    const part = work.next();
    if (part.done) return part.value;
  }
}
