/** Output up to a marker that the kernel writes when a cell is done: then all that the cell wrote has arrived. */
export class MarkedOutput {
  readonly marker: string;
  readonly #bytes: Buffer;
  readonly #onOutput: (chunk: Buffer) => void;
  #held = Buffer.alloc(0);
  #found = false;

  constructor(id: string, onOutput: (chunk: Buffer) => void) {
    this.marker = `\0strata-${id}\0`;
    this.#bytes = Buffer.from(this.marker);
    this.#onOutput = onOutput;
  }

  /** Whether the marker has come. */
  get found(): boolean {
    return this.#found;
  }

  push(chunk: Buffer): void {
    const all = Buffer.concat([this.#held, chunk]);
    const at = all.indexOf(this.#bytes);
    if (at >= 0) {
      this.#found = true;
      this.#held = Buffer.alloc(0);
      this.#give(all.subarray(0, at));
      this.#give(all.subarray(at + this.#bytes.length));
      return;
    }
    // The end may be the beginning of the marker; everything before it is shown at once.
    const start = all.lastIndexOf(0);
    const split = this.#found ? -1 : beginningAt(all, this.#bytes, start);
    const end = split >= 0 ? split : all.length;
    this.#give(all.subarray(0, end));
    this.#held = Buffer.from(all.subarray(end));
  }

  #give(chunk: Buffer): void {
    if (chunk.length > 0) this.#onOutput(chunk);
  }
}

/** Where the end of `bytes` begins like `marker`; -1 where it does not. The marker begins and ends with a NUL. */
function beginningAt(bytes: Buffer, marker: Buffer, lastNul: number): number {
  if (lastNul < 0) return -1;
  const tail = bytes.subarray(lastNul);
  return tail.length < marker.length && marker.subarray(0, tail.length).equals(tail) ? lastNul : -1;
}
