import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../base/errors.ts';
import { EmbedderError } from '../../../core/memory/embedding/index.ts';
import { retryAfterMs } from '../../../core/models/classify.ts';

export interface Download {
  readonly url: string;
  readonly file: string;
  readonly signal: AbortSignal;
  /** `sha512-<base64>` that the content must have. */
  readonly integrity?: string;
  /** More is not taken, whatever the server says. */
  readonly mostBytes: number;
  readonly onBytes: (done: number) => void;
}

export interface Downloaded {
  readonly bytes: number;
  readonly sha256: string;
  readonly headers: Headers;
}

/** A file from a server, whole and checked, or none. undefined when the server has none of this name. */
export async function download(options: Download): Promise<Downloaded | undefined> {
  for (let tries = 1; ; tries++) {
    const result = await attempt(options);
    if (result === undefined || !('again' in result)) return result;
    if (tries === TRIES) throw failure(options.url, result.again);
    await sleep(result.afterMs ?? 1_000 * 2 ** (tries - 1), undefined, { signal: options.signal });
  }
}

const TRIES = 4;
/** A download may take as long as it needs, so long as something arrives. */
const SILENCE_MS = 60_000;
const LONGEST_WAIT_MS = 60_000;

interface Again {
  /** What happened. */
  readonly again: string;
  readonly afterMs?: number;
}

async function attempt(options: Download): Promise<Downloaded | Again | undefined> {
  const { url, file, signal, integrity } = options;
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const beat = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  const part = `${file}.part-${String(process.pid)}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, silence.signal]) });
    if (response.status === 404) return undefined;
    if (!response.ok) {
      await response.body?.cancel();
      const said = `the server answered with status ${String(response.status)}`;
      if (response.status !== 429 && response.status < 500) throw failure(url, said);
      const wait = retryAfterMs(response.headers, Date.now());
      return { again: said, ...(wait === undefined ? {} : { afterMs: Math.min(wait, LONGEST_WAIT_MS) }) };
    }
    await mkdir(path.dirname(file), { recursive: true });
    const { bytes, sha256, sha512 } = await store(response, part, options, beat);
    const length = response.headers.get('content-length');
    const encoded = response.headers.has('content-encoding');
    if (length !== null && !encoded && Number(length) !== bytes) return { again: 'it was cut off' };
    if (integrity !== undefined && integrity !== `sha512-${sha512}`)
      throw failure(url, 'it is not the file that this version of Strata was made for');
    await rename(part, file);
    return { bytes, sha256, headers: response.headers };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof EmbedderError) throw error;
    if (isFull(error)) throw failure(url, `it cannot be stored: ${messageOf(error)}`);
    return { again: silence.signal.aborted ? 'nothing arrived for a minute' : causeOf(error) };
  } finally {
    clearTimeout(timer);
    await rm(part, { force: true });
  }
}

async function store(
  response: Response,
  part: string,
  { url, mostBytes, onBytes }: Download,
  beat: () => void,
): Promise<{ readonly bytes: number; readonly sha256: string; readonly sha512: string }> {
  const [sha256, sha512] = [createHash('sha256'), createHash('sha512')];
  const out = createWriteStream(part);
  const ended = finished(out);
  let bytes = 0;
  try {
    const body: ReadableStream<Uint8Array> | null = response.body;
    for await (const chunk of body ?? []) {
      beat();
      bytes += chunk.byteLength;
      if (bytes > mostBytes) throw failure(url, `it is larger than ${String(mostBytes >> 20)} MB`);
      sha256.update(chunk);
      sha512.update(chunk);
      onBytes(bytes);
      if (!out.write(chunk)) await Promise.race([once(out, 'drain'), ended]);
    }
  } finally {
    out.end();
    await ended;
  }
  return { bytes, sha256: sha256.digest('hex'), sha512: sha512.digest('base64') };
}

function failure(url: string, why: string): EmbedderError {
  return new EmbedderError('download', `${url} could not be downloaded: ${why}.`);
}

function isFull(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EPERM'].includes(String(error.code))
  );
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(cause).replace(/\.$/, '');
}
