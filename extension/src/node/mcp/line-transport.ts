import { parseJSONRPCMessage, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client';
import { StringDecoder } from 'node:string_decoder';
import { messageOf } from '../../base/errors.ts';
import type { ServerProcess } from './server-process.ts';

const limits = {
  /** Longest message, in bytes. */
  line: 10 * 1024 * 1024,
  /** Lines that are no MCP message, after which the server is given up. */
  junkLines: 1000,
  /** How long to work before others get their turn, in milliseconds. */
  slice: 5,
  /** Characters of standard error that are kept. */
  errors: 8 * 1024,
};

/**
 * MCP over the standard streams of a process. Unlike the SDK's reader it can be trusted with the output of anything: lines
 * have a longest length, other output is counted and then refused, and a flood is worked off in slices of a few
 * milliseconds with the stream paused. (2 MB of short junk lines held the SDK's reader for 20 s and more.)
 */
export class LineTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #process: ServerProcess;
  readonly #chunks: Buffer[] = [];
  #partial: Buffer[] = [];
  #partialLength = 0;
  #junk = 0;
  #working = false;
  #ended = false;
  #closed = false;
  #failure: string | undefined;
  #errors = '';

  constructor(process: ServerProcess) {
    this.#process = process;
  }

  /** Why it was closed from this side: what the server did against the rules. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** The last of what the server wrote to its standard error. */
  get errors(): string {
    return this.#errors.trim();
  }

  start(): Promise<void> {
    const { output, errors, input } = this.#process;
    output.on('data', (chunk: Buffer) => this.#take(chunk));
    output.on('end', () => this.#end());
    output.on('close', () => this.#end());
    output.on('error', (error) => this.onerror?.(error));
    input.on('error', (error: Error) => this.onerror?.(error));
    const decoder = new StringDecoder('utf8');
    errors.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + decoder.write(chunk.subarray(-limits.errors))).slice(-limits.errors);
    });
    errors.on('error', (error) => this.onerror?.(error));
    return Promise.resolve();
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new Error('The server has ended.'));
        return;
      }
      // The callback comes when the other side has taken it; a server that never reads is caught by the call's time limit.
      this.#process.input.write(`${JSON.stringify(message)}\n`, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  close(): Promise<void> {
    this.#finish();
    return Promise.resolve();
  }

  #take(chunk: Buffer): void {
    if (this.#closed) return;
    this.#chunks.push(chunk);
    if (!this.#working) this.#work();
  }

  #work(): void {
    const until = performance.now() + limits.slice;
    this.#working = true;
    while (!this.#closed) {
      const chunk = this.#chunks.shift();
      if (!chunk) {
        this.#working = false;
        this.#process.output.resume();
        if (this.#ended) this.#finish();
        return;
      }
      const rest = this.#readLine(chunk);
      if (rest) this.#chunks.unshift(rest);
      if (performance.now() > until) {
        this.#process.output.pause();
        setImmediate(() => this.#work());
        return;
      }
    }
    this.#chunks.length = 0;
  }

  /** Takes one line, or the beginning of one, and returns what comes after it. */
  #readLine(chunk: Buffer): Buffer | undefined {
    const end = chunk.indexOf(0x0a);
    const piece = end < 0 ? chunk : chunk.subarray(0, end);
    this.#partial.push(piece);
    this.#partialLength += piece.length;
    if (this.#partialLength > limits.line) {
      this.#refuse(`it wrote a line of more than ${limits.line / 1024 / 1024} MiB`);
      return undefined;
    }
    if (end < 0) return undefined;
    const line = this.#partial.length === 1 ? piece : Buffer.concat(this.#partial);
    this.#partial = [];
    this.#partialLength = 0;
    if (line.length > 0) this.#deliver(line);
    return end + 1 < chunk.length ? chunk.subarray(end + 1) : undefined;
  }

  #deliver(line: Buffer): void {
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(JSON.parse(line.toString('utf8')));
    } catch (error) {
      this.#junk += 1;
      if (this.#junk === 1) this.onerror?.(new Error(`Not an MCP message: ${messageOf(error)}`));
      if (this.#junk > limits.junkLines)
        this.#refuse('it floods its standard output with something other than MCP messages');
      return;
    }
    this.onmessage?.(message);
  }

  #refuse(reason: string): void {
    this.#failure = reason;
    void this.#process.stop();
    this.#finish();
  }

  #end(): void {
    this.#ended = true;
    if (!this.#working) this.#finish();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.();
  }
}
