import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';

export interface Watching {
  readonly onMessage: (message: JSONRPCMessage) => void;
  readonly onClosed: () => void;
}

/** A transport that somebody else looks over too: the SDK's entry for standard streams takes all that it says for itself. */
export class WatchedTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #inner: Transport;
  readonly #watching: Watching;

  constructor(inner: Transport, watching: Watching) {
    this.#inner = inner;
    this.#watching = watching;
  }

  async start(): Promise<void> {
    this.#inner.onmessage = (message) => {
      this.#watching.onMessage(message);
      this.onmessage?.(message);
    };
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onclose = () => {
      this.onclose?.();
      this.#watching.onClosed();
    };
    await this.#inner.start();
  }

  send(message: JSONRPCMessage): Promise<void> {
    return this.#inner.send(message);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
