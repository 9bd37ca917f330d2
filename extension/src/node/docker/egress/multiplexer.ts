import { Duplex } from 'node:stream';
import {
  encodeCredit,
  encodeFrame,
  FrameReader,
  kinds,
  largestPayload,
  windowBytes,
  type Frame,
} from './frames.ts';

export interface MultiplexerOptions {
  readonly send: (bytes: Buffer) => void;
  /** A connection that the other side opened; without it the other side may open none. */
  readonly onOpen?: (connection: Duplex) => void;
  readonly onHello?: (version: number) => void;
  readonly maxConnections: number;
}

/**
 * Many connections over one stream, the same at both ends. Each has a window: what its reader has not taken yet is held
 * here, at most that much, so that one that stalls holds up no other. `receive` throws when the other side breaks the rules;
 * it is then of no use any more.
 */
export class Multiplexer {
  readonly #options: MultiplexerOptions;
  readonly #reader = new FrameReader();
  readonly #connections = new Map<number, Connection>();
  #last = 0;

  constructor(options: MultiplexerOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#connections.size;
  }

  open(): Duplex {
    const connection = this.#add((this.#last += 1));
    this.#options.send(encodeFrame(kinds.open, this.#last));
    return connection;
  }

  receive(chunk: Buffer): void {
    for (const frame of this.#reader.read(chunk)) this.#take(frame);
  }

  close(reason: Error): void {
    for (const connection of this.#connections.values()) connection.destroy(reason);
    this.#connections.clear();
  }

  #take({ kind, connection: id, payload }: Frame): void {
    if (kind === kinds.hello) {
      this.#options.onHello?.(payload[0] ?? 0);
      return;
    }
    if (kind === kinds.open) {
      const { onOpen, maxConnections } = this.#options;
      if (!onOpen || this.#connections.has(id) || this.size >= maxConnections)
        throw new Error('a connection that may not be');
      onOpen(this.#add(id));
      return;
    }
    // One that has just been closed on this side may still be spoken of on the other.
    this.#connections.get(id)?.accept(kind, payload);
  }

  #add(id: number): Connection {
    const connection = new Connection(id, this.#options.send, () => this.#connections.delete(id));
    this.#connections.set(id, connection);
    return connection;
  }
}

class Connection extends Duplex {
  readonly #id: number;
  readonly #send: (bytes: Buffer) => void;
  /** Called when nothing more is to be said of it to the other side, which is before the last of it was read here. */
  readonly #onClosed: () => void;
  /** What came in and nobody has asked for yet. */
  readonly #received: Buffer[] = [];
  #ended = false;
  #wanted = false;
  /** What the other side may still send, and this one. */
  #allowance = windowBytes;
  #credit = windowBytes;
  #unsent: Buffer = Buffer.alloc(0);
  #sent: (() => void) | undefined;
  #endSent = false;
  #reset = false;

  constructor(id: number, send: (bytes: Buffer) => void, onClosed: () => void) {
    super({ allowHalfOpen: true });
    this.#id = id;
    this.#send = send;
    this.#onClosed = onClosed;
    // Whoever uses it may be gone by the time that it breaks; then nobody is there to be told.
    this.on('error', () => undefined);
  }

  accept(kind: Frame['kind'], payload: Buffer): void {
    switch (kind) {
      case kinds.data:
        this.#allowance -= payload.length;
        if (this.#allowance < 0 || this.#ended) throw new Error('more data than was asked for');
        this.#received.push(payload);
        break;
      case kinds.end:
        this.#ended = true;
        if (this.#endSent) this.#onClosed();
        break;
      case kinds.credit:
        this.#credit += payload.length === 4 ? payload.readUInt32BE() : 0;
        this.#flush();
        return;
      default:
        this.#reset = true;
        this.destroy(new Error('the other side closed the connection'));
        return;
    }
    if (this.#wanted) this.#deliver();
  }

  override _read(): void {
    this.#wanted = true;
    this.#deliver();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#unsent = chunk;
    this.#sent = done;
    this.#flush();
  }

  override _final(done: () => void): void {
    this.#endSent = true;
    this.#send(encodeFrame(kinds.end, this.#id));
    if (this.#ended) this.#onClosed();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!(this.#ended && this.#endSent) && !this.#reset) this.#send(encodeFrame(kinds.reset, this.#id));
    this.#received.length = 0;
    this.#sent = undefined;
    this.#onClosed();
    done(error);
  }

  #deliver(): void {
    for (let next = this.#received.shift(); next; next = this.#received.shift()) {
      this.#allowance += next.length;
      this.#send(encodeCredit(this.#id, next.length));
      if (this.push(next)) continue;
      this.#wanted = false;
      return;
    }
    if (!this.#ended) return;
    this.#wanted = false;
    this.push(null);
  }

  #flush(): void {
    while (this.#credit > 0 && this.#unsent.length > 0) {
      const part = this.#unsent.subarray(0, Math.min(this.#credit, largestPayload));
      this.#credit -= part.length;
      this.#unsent = this.#unsent.subarray(part.length);
      this.#send(encodeFrame(kinds.data, this.#id, part));
    }
    if (this.#unsent.length > 0 || !this.#sent) return;
    const done = this.#sent;
    this.#sent = undefined;
    done();
  }
}
