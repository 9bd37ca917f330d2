/** Frames between the server and a kernel: four bytes of length, then JSON. No print can look like one by chance. */
export function frame(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

const maxFrameBytes = 64 * 1024 * 1024;

/** Collects frames out of chunks. Throws when they are none, which only code that writes here on purpose can bring about. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  push(chunk: Buffer): readonly unknown[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: unknown[] = [];
    for (let body = this.#next(); body !== undefined; body = this.#next())
      frames.push(JSON.parse(body.toString('utf8')));
    return frames;
  }

  #next(): Buffer | undefined {
    const size = this.#sizeOfNext();
    if (size === undefined || this.#length < 4 + size) return undefined;
    const all = Buffer.concat(this.#chunks);
    const rest = all.subarray(4 + size);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    return all.subarray(4, 4 + size);
  }

  #sizeOfNext(): number | undefined {
    if (this.#length < 4) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    const size = this.#chunks[0]?.readUInt32BE() ?? 0;
    if (size > maxFrameBytes) throw new Error(`A frame of ${size} bytes is too large.`);
    return size;
  }
}

/** What a kernel says. */
export type KernelFrame =
  | { readonly type: 'ready' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly mimeType: string; readonly data: string }
  /** With the error's traceback when there was one. */
  | { readonly type: 'done'; readonly error?: string };

export function toKernelFrame(value: unknown): KernelFrame {
  if (typeof value === 'object' && value !== null && 'type' in value) {
    const { type, text, mimeType, data, error } = value as Readonly<Record<string, unknown>>;
    if (type === 'ready') return { type };
    if (type === 'done') return typeof error === 'string' ? { type, error } : { type };
    if (type === 'text' && typeof text === 'string') return { type, text };
    if (type === 'image' && typeof mimeType === 'string' && typeof data === 'string')
      return { type, mimeType, data };
  }
  throw new Error('That is no frame of a kernel.');
}
