const quote = 0x22;
const backslash = 0x5c;

/**
 * Counts what a JSON text is made of while its bytes come in, in slices, so that nothing is parsed that would hold up everything
 * else: ten million bytes of `{},` take V8 a second, and nesting that is deep enough breaks whatever walks over it.
 */
export class MessageShape {
  values = 0;
  deepest = 0;
  #depth = 0;
  #inString = false;
  /** The last byte was a backslash that is not escaped itself. */
  #escaping = false;

  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#inString) {
        at = this.#skipString(bytes, at);
        continue;
      }
      switch (bytes[at]) {
        case quote:
          this.#inString = true;
          break;
        case 0x5b: // [
        case 0x7b: // {
          this.values += 1;
          this.#depth += 1;
          if (this.#depth > this.deepest) this.deepest = this.#depth;
          break;
        case 0x5d: // ]
        case 0x7d: // }
          this.#depth -= 1;
          break;
        case 0x2c: // ,
          this.values += 1;
          break;
        default:
          break;
      }
      at += 1;
    }
  }

  /** Long texts are most of a large message: they are searched for their end, not walked through. */
  #skipString(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(quote, from);
    const until = end < 0 ? bytes.length : end;
    let slashes = 0;
    while (until - slashes > from && bytes[until - slashes - 1] === backslash) slashes += 1;
    if (slashes === until - from && this.#escaping) slashes += 1;
    this.#escaping = slashes % 2 === 1;
    if (end < 0) return until;
    if (!this.#escaping) this.#inString = false;
    this.#escaping = false;
    return end + 1;
  }
}
