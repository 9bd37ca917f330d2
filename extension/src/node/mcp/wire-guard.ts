import type {
  JSONRPCMessage,
  JSONRPCRequest,
  MessageExtraInfo,
  Result,
  Tool as McpTool,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/client';
import type { HeldTool } from '../../core/tools/tool-host.ts';
import { cleanCallResult } from './call-result.ts';
import { cleanTools } from './tool-list.ts';

const limits = {
  /** Characters of a request's id, which an answer repeats. */
  id: 256,
  /** Answers to nothing that was asked, and requests that are not known, after which a server is given up. */
  strays: 1000,
  /** Pages and entries of a list of tools. */
  pages: 32,
  tools: 1000,
};

/** The SDK knows no tasks of the newer revision, and refuses the older one's names there. Sent as `tasks/…`. */
export const taskPrefix = 'strata.';

const knownRequests = new Set(['ping', 'elicitation/create', 'sampling/createMessage', 'roots/list']);

/** What the list of tools looked like that came last, page for page. */
export interface Listing {
  readonly held: HeldTool[];
  readonly passed: McpTool[];
  pages: number;
  /** It had more than is taken. */
  cut: boolean;
}

export interface WireGuardOptions {
  /** One sentence about what the server did against the rules. */
  readonly onStray: (text: string) => void;
  /** It is to be given up. */
  readonly onRefuse: (reason: string) => void;
}

/**
 * Between a transport and the SDK's client, which reads results by strict schemas and so loses a whole list for one bad
 * tool, and a whole answer for a missing member. Here results are put right first, and what is nobody's answer is counted.
 */
export class WireGuard implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: JSONRPCMessage, extra?: MessageExtraInfo) => void) | undefined;
  readonly listing: Listing = { held: [], passed: [], pages: 0, cut: false };
  readonly #inner: Transport;
  readonly #options: WireGuardOptions;
  /** Methods by the ids of requests. One that was cancelled stays, since its answer may be under way. */
  readonly #asked = new Map<string | number, string>();
  #strays = 0;

  constructor(inner: Transport, options: WireGuardOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  get hasPerRequestStream(): boolean {
    return this.#inner.hasPerRequestStream ?? false;
  }

  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  readonly setProtocolVersion = (version: string): void => this.#inner.setProtocolVersion?.(version);

  async start(): Promise<void> {
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onmessage = (message, extra) => this.#receive(message, extra);
    await this.#inner.start();
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const sent = unprefixed(message);
    if (!('method' in sent) || !('id' in sent)) return this.#inner.send(sent, options);
    this.#asked.set(sent.id, sent.method);
    if (sent.method === 'tools/list' && sent.params?.['cursor'] === undefined) this.#beginListing();
    const forget = () => this.#asked.delete(sent.id);
    options?.requestSignal?.addEventListener('abort', forget, { once: true });
    try {
      await this.#inner.send(sent, options);
    } catch (error) {
      forget();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  #receive(message: JSONRPCMessage, extra: MessageExtraInfo | undefined): void {
    if ('method' in message) {
      if ('id' in message && !this.#mayAsk(message)) return;
      this.onmessage?.(message, extra);
      return;
    }
    const id = message.id === undefined ? undefined : this.#askedAs(message.id);
    const method = id === undefined ? undefined : this.#asked.get(id);
    if (id === undefined || method === undefined) {
      this.#stray('It sent an answer that nobody asked for.');
      return;
    }
    this.#asked.delete(id);
    if ('result' in message)
      this.onmessage?.({ ...message, id, result: this.#clean(method, message.result) });
    else this.onmessage?.({ ...message, id });
  }

  /** Some servers answer a number with the same number as text. */
  #askedAs(id: string | number): string | number | undefined {
    if (this.#asked.has(id)) return id;
    return typeof id === 'string' && this.#asked.has(Number(id)) ? Number(id) : undefined;
  }

  #mayAsk({ id, method }: JSONRPCRequest): boolean {
    if (typeof id === 'string' && id.length > limits.id) {
      this.#stray(`It sent a request with an id of ${id.length} characters.`);
      return false;
    }
    if (!knownRequests.has(method))
      this.#stray(`It sent a request that is not known: ${method.slice(0, 100)}.`);
    return true;
  }

  #clean(method: string, result: Result): Result {
    if (method === 'tools/list') return this.#cleanListing(result);
    return method === 'tools/call' || method === 'tasks/result' ? cleanCallResult(result) : result;
  }

  #beginListing(): void {
    this.listing.held.length = 0;
    this.listing.passed.length = 0;
    this.listing.pages = 0;
    this.listing.cut = false;
  }

  #cleanListing(result: Result): Result {
    const given = result['tools'];
    if (!Array.isArray(given)) return result;
    const room = limits.tools - this.listing.passed.length - this.listing.held.length;
    const { tools, held } = cleanTools(given.slice(0, room));
    this.listing.held.push(...held);
    this.listing.passed.push(...tools);
    this.listing.pages += 1;
    const { nextCursor, ...rest } = result;
    if (given.length > room || (nextCursor !== undefined && this.listing.pages >= limits.pages)) {
      this.listing.cut = true;
      return { ...rest, tools };
    }
    return typeof nextCursor === 'string' ? { ...rest, tools, nextCursor } : { ...rest, tools };
  }

  #stray(text: string): void {
    this.#strays += 1;
    if (this.#strays <= 20) this.#options.onStray(text);
    if (this.#strays === limits.strays)
      this.#options.onRefuse('it floods its client with answers and requests that make no sense');
  }
}

/** By these two the SDK tells standard streams, on which silence means an older server, from HTTP, where it is an outage. */
export class StdioGuard extends WireGuard {
  readonly stderr = undefined;
  readonly pid = undefined;
}

function unprefixed(message: JSONRPCMessage): JSONRPCMessage {
  if (!('method' in message) || !message.method.startsWith(taskPrefix)) return message;
  return { ...message, method: message.method.slice(taskPrefix.length) };
}
