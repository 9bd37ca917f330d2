export interface Capture {
  readonly text: string;
  /** Bytes that arrived, kept or not. */
  readonly total: number;
}

const headBytes = 16 * 1024;
const tailBytes = 48 * 1024;

/** Keeps the first 16 KiB and the last 48 KiB of a stream, whatever its length: errors stand at the end, causes often at the start. */
export class OutputCapture {
  #head: Buffer[] = [];
  #headLength = 0;
  #tail: Buffer[] = [];
  #tailLength = 0;
  #total = 0;

  push(chunk: Buffer): void {
    this.#total += chunk.length;
    const room = headBytes - this.#headLength;
    const first = chunk.subarray(0, room);
    if (first.length > 0) {
      this.#head.push(first);
      this.#headLength += first.length;
    }
    const rest = chunk.subarray(first.length);
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailLength += rest.length;
    if (this.#tailLength > 2 * tailBytes) {
      const kept = Buffer.from(Buffer.concat(this.#tail).subarray(-tailBytes));
      this.#tail = [kept];
      this.#tailLength = kept.length;
    }
  }

  end(): Capture {
    const tail = Buffer.concat(this.#tail).subarray(-tailBytes);
    const dropped = this.#total - this.#headLength - tail.length;
    // Joined before decoding where nothing is left out, so that no character is cut in two.
    if (dropped === 0)
      return { text: Buffer.concat([...this.#head, tail]).toString('utf8'), total: this.#total };
    const head = Buffer.concat(this.#head).toString('utf8');
    return { text: `${head}\n[… ${dropped} bytes left out …]\n${tail.toString('utf8')}`, total: this.#total };
  }
}
