import type { FetchLike } from '@modelcontextprotocol/client';

const limits = {
  /** Bytes of an answer, or of one event of a stream of events. */
  answer: 10 * 1024 * 1024,
  redirects: 5,
};

/** A request that was not made, or an answer that was not read, since it was not allowed. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed';
}

/**
 * Fetches for one server: only over TLS, except from this machine where the server is on it; from one origin to another
 * only where the caller says so, never by a redirect; and no more than fits. The host's own `fetch` is used, which in the
 * editor knows its proxy settings.
 */
export function guardedFetch(server: URL, inner: FetchLike = fetch): FetchLike {
  return async (input, init) => {
    let url = new URL(input);
    for (let hops = 0; ; hops += 1) {
      const problem = addressProblem(url, server);
      if (problem !== undefined) throw new NotAllowed(problem);
      const response = await inner(url, { ...init, redirect: 'manual' });
      if (response.status < 300 || response.status > 399 || response.status === 304) return limited(response);
      url = redirected(url, response, { method: init?.method ?? 'GET', hops });
    }
  };
}

/** Why an address may not be asked; undefined when it may. */
export function addressProblem(url: URL, server: URL): string | undefined {
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return `${url.protocol} is not spoken here.`;
  if (!isLoopback(url))
    return `${url.origin} is not encrypted. Only https is allowed, or http to this machine.`;
  // A server elsewhere must not be able to send requests to what runs on this machine.
  return isLoopback(server) ? undefined : `${url.origin} is on this machine, and ${server.origin} is not.`;
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function redirected(
  from: URL,
  response: Response,
  { method, hops }: { readonly method: string; readonly hops: number },
): URL {
  const location = response.headers.get('location');
  if (location === null || hops >= limits.redirects)
    throw new NotAllowed(`${from.origin} redirects without an end.`);
  const to = new URL(location, from);
  if (to.origin !== from.origin)
    throw new NotAllowed(
      `${from.origin} redirects to ${to.origin}. Give that address if it is the right one.`,
    );
  if (method !== 'GET' && response.status !== 307 && response.status !== 308)
    throw new NotAllowed(`${from.href} redirects in a way that would lose the request.`);
  return to;
}

function limited(response: Response): Response {
  if (!response.body) return response;
  const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
  const body = response.body.pipeThrough(isStream ? eventLimit() : totalLimit());
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function totalLimit(): TransformStream<Uint8Array, Uint8Array> {
  let total = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      total += chunk.byteLength;
      if (total > limits.answer) controller.error(tooLong('an answer'));
      else controller.enqueue(chunk);
    },
  });
}

/** A stream may go on for ever, but each of its events is held in memory until its empty line. */
function eventLimit(): TransformStream<Uint8Array, Uint8Array> {
  const newline = 0x0a;
  const carriageReturn = 0x0d;
  let event = 0;
  let last = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      for (const byte of chunk) {
        if (byte === carriageReturn) continue;
        event = byte === newline && last === newline ? 0 : event + 1;
        last = byte;
      }
      if (event > limits.answer) controller.error(tooLong('an event'));
      else controller.enqueue(chunk);
    },
  });
}

function tooLong(what: string): NotAllowed {
  return new NotAllowed(`The server sent ${what} of more than ${limits.answer / 1024 / 1024} MiB.`);
}
