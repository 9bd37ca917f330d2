import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isAbort, isStrataError } from '../../base/errors.ts';
import { notOtlp } from '../../core/observability/otlp-import/index.ts';
import { gatherer } from './gather.ts';
import type { Gathered } from './gather.ts';
import { messagesInProtobuf } from './protobuf-file.ts';
import { traceTooLarge, traceUnreadable } from './errors.ts';

/** Read at once. */
const PIECE_BYTES = 1024 ** 2;
/** Of a document that has to be read whole; a text of V8 holds 512 MB, and what is read of it takes as much again. */
const MOST_WHOLE = 128 * 1024 ** 2;

export interface ReadingFile {
  readonly signal: AbortSignal;
  /** Bytes that were read, of all. */
  readonly onProgress?: (read: number, all: number) => void;
}

/**
 * Reads a file of traces: OTLP in JSON, in lines of JSON, or in protobuf, each also under gzip. Lines are read one by one, so
 * the file may have any size as long as its spans can be kept. Throws `trace-unreadable`, `trace-too-large` and `not-otlp`.
 */
export async function readTraceFile(file: string, reading: ReadingFile): Promise<Gathered> {
  try {
    const found = await stat(file);
    // Reading a pipe would wait for whoever writes to it.
    if (!found.isFile()) throw new Error('it is no file');
    return await readBytes(await opened(file, found.size, reading), reading);
  } catch (error) {
    if (isStrataError(error) || isAbort(error) || reading.signal.aborted) throw error;
    throw traceUnreadable(file, error);
  }
}

async function opened(file: string, size: number, reading: ReadingFile): Promise<Readable> {
  const raw = Readable.from(counted(file, size, reading), { objectMode: false });
  const [first, second] = await firstBytes(file);
  if (first !== 0x1f || second !== 0x8b) return raw;
  // What goes wrong is thrown where the result is read.
  return pipeline(raw, createGunzip(), () => undefined);
}

async function* counted(
  file: string,
  size: number,
  { signal, onProgress }: ReadingFile,
): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const piece of createReadStream(file, {
    signal,
    highWaterMark: PIECE_BYTES,
  }) as AsyncIterable<Buffer>) {
    onProgress?.((read += piece.length), size);
    yield piece;
  }
}

async function firstBytes(file: string): Promise<readonly (number | undefined)[]> {
  for await (const piece of createReadStream(file, { end: 1 }) as AsyncIterable<Buffer>) return [...piece];
  return [];
}

async function readBytes(stream: Readable, { signal }: ReadingFile): Promise<Gathered> {
  const gather = gatherer();
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  const first = await pieces.next();
  if (first.done) throw notOtlp('it is empty');
  const start = new TextDecoder()
    .decode(first.value.subarray(0, 1_000))
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (start.startsWith('<')) throw notOtlp('it is a page or XML');
  if (!/^[[{]/.test(start)) {
    for (const message of messagesInProtobuf(await whole(first.value, pieces))) gather.add(message);
    return gather.end();
  }
  await readText(first.value, pieces, gather, signal);
  return gather.end();
}

/** Lines while the first one is a document by itself; otherwise all of it is one. */
async function readText(
  first: Buffer,
  pieces: AsyncIterator<Buffer>,
  gather: ReturnType<typeof gatherer>,
  signal: AbortSignal,
): Promise<void> {
  let waiting: Buffer[] = [];
  let size = 0;
  let inLines: boolean | undefined;
  for (let piece: Buffer | undefined = first; piece !== undefined; piece = await nextOf(pieces)) {
    signal.throwIfAborted();
    let from = 0;
    for (let at = piece.indexOf(10); at >= 0 && inLines !== false; at = piece.indexOf(10, from)) {
      const line = textOf([...waiting, piece.subarray(from, at)]);
      if (inLines === undefined && line.trim() !== '') inLines = isDocument(line);
      if (inLines === false) break;
      waiting = [];
      size = 0;
      from = at + 1;
      gather.addLine(line);
    }
    waiting.push(piece.subarray(from));
    size += piece.length - from;
    if (size > MOST_WHOLE) throw traceTooLarge(size, MOST_WHOLE);
  }
  const rest = textOf(waiting);
  if (inLines === true) gather.addLine(rest);
  else gather.addDocument(rest);
}

function isDocument(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    // The first line of a document that is written over many, or a damaged one, which is told when all is read.
    return false;
  }
}

async function whole(first: Buffer, pieces: AsyncIterator<Buffer>): Promise<Buffer> {
  const all = [first];
  let size = first.length;
  for (let piece = await nextOf(pieces); piece !== undefined; piece = await nextOf(pieces)) {
    all.push(piece);
    size += piece.length;
    if (size > MOST_WHOLE) throw traceTooLarge(size, MOST_WHOLE);
  }
  return Buffer.concat(all);
}

async function nextOf(pieces: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  const next = await pieces.next();
  return next.done ? undefined : next.value;
}

/** Bytes that are no UTF-8 become the sign for it. */
function textOf(pieces: readonly Buffer[]): string {
  return new TextDecoder().decode(Buffer.concat(pieces));
}
