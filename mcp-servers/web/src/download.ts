import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { ToolFailure } from '../../tool.ts';
import { request } from './request.ts';

export interface Download {
  /** Where it was in the end, after redirects. */
  readonly url: URL;
  readonly type: { readonly essence: string; readonly charset: string | undefined };
  readonly body: Buffer;
}

export interface DownloadOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

const maxRedirects = 5;
const maxBytes = 5 * 1024 * 1024;
const limitSeconds = 30;

/** Fetches an address and what it is redirected to. Everything that is not a body is a `ToolFailure` that says why. */
export async function download(start: URL, { environment, signal }: DownloadOptions): Promise<Download> {
  const limit = AbortSignal.timeout(limitSeconds * 1000);
  const either = AbortSignal.any([signal, limit]);
  try {
    return await follow(start, environment, either);
  } catch (error) {
    if (error instanceof ToolFailure) throw error;
    if (signal.aborted) throw new ToolFailure('The call was cancelled.');
    if (limit.aborted) throw new ToolFailure(`${start.host} did not answer within ${limitSeconds} s.`);
    throw new ToolFailure(`${start.href} could not be fetched: ${reasonOf(error)}`);
  }
}

async function follow(start: URL, environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Download> {
  let url = start;
  for (let redirects = 0; ; redirects += 1) {
    const response = await request(url, { environment, signal });
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (status >= 300 && status < 400 && location !== undefined) {
      response.destroy();
      if (redirects === maxRedirects)
        throw new ToolFailure(`${start.href} is redirected more than ${maxRedirects} times.`);
      url = redirected(url, location);
      continue;
    }
    const body = await bodyOf(response, url, signal);
    const type = typeOf(response.headers['content-type'] ?? '');
    if (status >= 200 && status < 300) return { url, type, body };
    const words = type.essence.startsWith('text/plain')
      ? `: ${body.toString('utf8').trim().slice(0, 500)}`
      : '.';
    throw new ToolFailure(`${url.href} answered ${status} ${response.statusMessage ?? ''}`.trimEnd() + words);
  }
}

function redirected(from: URL, location: string): URL {
  const to = URL.parse(location, from.href);
  if (!to || (to.protocol !== 'http:' && to.protocol !== 'https:'))
    throw new ToolFailure(
      `${from.href} is redirected to "${location.slice(0, 200)}", which cannot be fetched.`,
    );
  to.hash = '';
  return to;
}

async function bodyOf(response: IncomingMessage, url: URL, signal: AbortSignal): Promise<Buffer> {
  const stream = decoded(response);
  const onAbort = () => response.destroy(new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxBytes)
        throw new ToolFailure(`${url.href} is larger than ${maxBytes / 1024 / 1024} MB, the limit.`);
      chunks.push(chunk);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    response.destroy();
  }
  return Buffer.concat(chunks);
}

/** Unpacked as it arrives, so that the limit is one on what comes out. */
function decoded(response: IncomingMessage): Readable {
  const { createBrotliDecompress, createGunzip, createInflate } = process.getBuiltinModule('node:zlib');
  const unpack = {
    gzip: createGunzip,
    'x-gzip': createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  }[response.headers['content-encoding']?.trim().toLowerCase() ?? ''];
  if (!unpack) return response;
  const stream = unpack();
  response.on('error', (error) => stream.destroy(error));
  return response.pipe(stream);
}

function typeOf(header: string): Download['type'] {
  const [essence = '', ...parameters] = header.split(';').map((part) => part.trim());
  const charset = parameters.map((part) => /^charset="?([^"]+)"?$/i.exec(part)?.[1]).find(Boolean);
  return { essence: essence.toLowerCase(), charset };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host is not known.';
  if (code === 'ECONNREFUSED') return 'nobody answers at that port.';
  return error.message || code;
}
