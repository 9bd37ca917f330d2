/** Raised when what is on the wire changes. Both ends come from one build; this finds an image that is left from another. */
export const protocolVersion = 1;

/**
 * What the forwarder in the sidecar and the proxy on the host say to each other over the sidecar's standard streams. A frame
 * is one byte for its kind, four for the connection, four for the length, and then so many bytes.
 */
export const kinds = {
  /** The forwarder listens; its one byte is the version. */
  hello: 1,
  /** A new connection, always from the forwarder. */
  open: 2,
  data: 3,
  /** This side sends no more. */
  end: 4,
  /** The connection is gone, both ways. */
  reset: 5,
  /** So many more bytes may be sent, as four bytes. */
  credit: 6,
} as const;

export type Kind = (typeof kinds)[keyof typeof kinds];

export interface Frame {
  readonly kind: Kind;
  readonly connection: number;
  readonly payload: Buffer;
}

/** Bytes of a connection that may be under way without a credit for them, in each direction. */
export const windowBytes = 256 * 1024;
export const largestPayload = 64 * 1024;
const headerBytes = 9;

export function encodeFrame(kind: Kind, connection: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame[0] = kind;
  frame.writeUInt32BE(connection, 1);
  frame.writeUInt32BE(payload.length, 5);
  payload.copy(frame, headerBytes);
  return frame;
}

export function encodeCredit(connection: number, bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(bytes);
  return encodeFrame(kinds.credit, connection, payload);
}

const known: ReadonlySet<number> = new Set(Object.values(kinds));

/** Cuts a stream into frames. Throws at the first byte that cannot be part of one. */
export class FrameReader {
  readonly #header = Buffer.alloc(headerBytes);
  #headerLength = 0;
  #payload: Buffer[] = [];
  #missing = 0;

  *read(chunk: Buffer): Generator<Frame> {
    for (let at = 0; at < chunk.length;) {
      if (this.#headerLength < headerBytes) {
        const copied = chunk.copy(
          this.#header,
          this.#headerLength,
          at,
          at + headerBytes - this.#headerLength,
        );
        at += copied;
        this.#headerLength += copied;
        if (this.#headerLength < headerBytes) return;
        this.#missing = this.#header.readUInt32BE(5);
        if (this.#missing > largestPayload || !isKind(this.#header[0])) throw new Error('malformed frame');
      }
      const part = chunk.subarray(at, at + this.#missing);
      at += part.length;
      this.#missing -= part.length;
      this.#payload.push(part);
      if (this.#missing === 0) yield this.#take();
    }
  }

  #take(): Frame {
    const [first = Buffer.alloc(0)] = this.#payload;
    const payload = this.#payload.length > 1 ? Buffer.concat(this.#payload) : first;
    const kind = this.#header[0];
    if (!isKind(kind)) throw new Error('malformed frame');
    this.#payload = [];
    this.#headerLength = 0;
    return { kind, connection: this.#header.readUInt32BE(1), payload };
  }
}

function isKind(value: number | undefined): value is Kind {
  return value !== undefined && known.has(value);
}
