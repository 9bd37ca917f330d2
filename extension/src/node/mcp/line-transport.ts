import { parseJSONRPCMessage, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client';
import { StringDecoder } from 'node:string_decoder';
import { messageOf } from '../../base/errors.ts';
import { MessageShape } from './message-shape.ts';
import type { ServerProcess } from './server-process.ts';

const limits = {
  /** Longest message, in bytes: an image of 8 MiB fits. To parse so much at once holds up everything else for 20 to 100 ms. */
  line: 10 * 1024 * 1024,
  /** Values in one message, and how deep they may be nested. */
  values: 50_000,
  depth: 128,
  /** Output that is no MCP message, in one window of time, after which the server is given up. */
  junk: { windowMs: 10_000, lines: 1000, bytes: 1024 * 1024, shortest: 64 },
  /** Standard error in such a window. */
  errorBytes: 64 * 1024 * 1024,
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
  /** The line that is coming in: its text so far, its bytes, and what it is made of. */
  #partial: string[] = [];
  #partialLength = 0;
  #decoder = new StringDecoder('utf8');
  #shape = new MessageShape();
  #window = { since: 0, junkLines: 0, junkBytes: 0, errorBytes: 0 };
  #toldOfJunk = false;
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
      const window = this.#currentWindow();
      window.errorBytes += chunk.length;
      if (window.errorBytes > limits.errorBytes) this.#refuse('it floods its standard error');
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
    // A byte order mark is no part of JSON, and some programs begin with one.
    const isMarked = this.#partialLength === 0 && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf;
    const bytes = isMarked ? piece.subarray(3) : piece;
    this.#partialLength += bytes.length;
    this.#shape.add(bytes);
    const reason = this.#wrongWith();
    if (reason !== undefined) {
      this.#refuse(reason);
      return undefined;
    }
    // Decoded as it comes, since to decode all of a long line at its end would take as long as to parse it.
    this.#partial.push(this.#decoder.write(bytes));
    if (end < 0) return undefined;
    const line = this.#partial.join('') + this.#decoder.end();
    const length = this.#partialLength;
    this.#partial = [];
    this.#partialLength = 0;
    this.#shape = new MessageShape();
    this.#deliver(line, length + 1);
    return end + 1 < chunk.length ? chunk.subarray(end + 1) : undefined;
  }

  #wrongWith(): string | undefined {
    if (this.#partialLength > limits.line)
      return `it wrote a line of more than ${limits.line / 1024 / 1024} MiB`;
    if (this.#shape.values > limits.values) return `it wrote a message of more than ${limits.values} values`;
    if (this.#shape.deepest > limits.depth) return `it wrote a message nested more than ${limits.depth} deep`;
    return undefined;
  }

  #deliver(line: string, length: number): void {
    // Most junk is plainly no message, which is a hundred times cheaper to see than to have the parsers say.
    const [first] = /\S/.exec(line) ?? [];
    if (first !== '{' || !line.includes('"jsonrpc"')) {
      this.#countJunk(length, first === undefined ? undefined : line.slice(0, 100));
      return;
    }
    let message: JSONRPCMessage;
    try {
      message = parseJSONRPCMessage(JSON.parse(line));
    } catch (error) {
      this.#countJunk(length, messageOf(error));
      return;
    }
    try {
      this.onmessage?.(message);
    } catch (error) {
      // Whoever reads it has no use for it. That is no reason to take the rest of this process along.
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** `what` is undefined for a blank line, which is junk only in numbers. */
  #countJunk(length: number, what: string | undefined): void {
    if (!this.#toldOfJunk && what !== undefined) this.onerror?.(new Error(`Not an MCP message: ${what}`));
    this.#toldOfJunk ||= what !== undefined;
    const window = this.#currentWindow();
    window.junkLines += what === undefined ? 0 : 1;
    window.junkBytes += Math.max(length, limits.junk.shortest);
    if (window.junkLines > limits.junk.lines || window.junkBytes > limits.junk.bytes)
      this.#refuse('it floods its standard output with something other than MCP messages');
  }

  #currentWindow(): { junkLines: number; junkBytes: number; errorBytes: number } {
    const now = performance.now();
    if (now - this.#window.since > limits.junk.windowMs)
      this.#window = { since: now, junkLines: 0, junkBytes: 0, errorBytes: 0 };
    return this.#window;
  }

  #refuse(reason: string): void {
    if (this.#closed) return;
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
    if (this.#failure === undefined && this.#partialLength > 0)
      this.onerror?.(new Error('The output ended in the middle of a message.'));
    this.onclose?.();
  }
}
