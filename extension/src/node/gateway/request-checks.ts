import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is not served. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A page in the user's browser can send requests to the loopback address too, under a name of its own that leads there
 * (DNS rebinding), so the name must be one of ours; and whoever sends them must know the token.
 */
export function refusalOf(headers: IncomingHttpHeaders, port: number, token: string): Refusal | undefined {
  const ours = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (headers.host === undefined || !ours.includes(headers.host.toLowerCase()))
    return { status: 403, message: 'The Host header names another server.' };
  const { origin } = headers;
  if (origin !== undefined && !ours.some((host) => origin.toLowerCase() === `http://${host}`))
    return { status: 403, message: 'Requests from web pages are not served.' };
  if (!isToken(headers.authorization, token))
    return {
      status: 401,
      message: 'The bearer token of the gateway is missing or wrong.',
      headers: { 'WWW-Authenticate': 'Bearer' },
    };
  return undefined;
}

/** Takes the same time whatever is given. */
function isToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
