import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { BlobId, RunId } from '../../protocol/run-event.ts';

/** What stands on the pages of a log, whatever has become of the pages that lead to them. */
export interface ScannedPages {
  /** Texts of events by run and number. Some may be of runs that were removed and whose pages have not been used again. */
  readonly events: ReadonlyMap<RunId, ReadonlyMap<number, string>>;
  /** Throws what reading throws; undefined when the blob stands on no page. Its hash is not checked. */
  blob(id: BlobId): string | undefined;
  close(): void;
}

const PAGE = 4096;
const TABLE_LEAF = 0x0d;
const INDEX_LEAF = 0x0a;
const INDEX_INTERIOR = 0x02;

/** Reads every page by itself, by SQLite's file format: https://www.sqlite.org/fileformat2.html#b_tree_pages */
export function scanPages(file: string): ScannedPages {
  const handle = openSync(file, 'r');
  const pages = Math.floor(fstatSync(handle).size / PAGE);
  const read = (page: number): Buffer | undefined => {
    const buffer = Buffer.alloc(PAGE);
    return page >= 1 && readSync(handle, buffer, 0, PAGE, (page - 1) * PAGE) === PAGE ? buffer : undefined;
  };
  const events = new Map<RunId, Map<number, string>>();
  const blobs = new Map<BlobId, readonly [number, number]>();
  const valuesAt = (page: number, at: number): Value[] | undefined => {
    const buffer = read(page);
    return buffer && record(buffer, at, read);
  };
  for (let page = 2; page <= pages; page += 1) {
    const buffer = read(page);
    if (!buffer) continue;
    for (const at of cells(buffer)) {
      const [first, second, third, fourth] = record(buffer, at, read) ?? [];
      if (typeof first === 'string' && typeof second === 'number' && typeof third === 'string') {
        const run = events.get(first) ?? new Map<number, string>();
        events.set(first, run.set(second, third));
      } else if (typeof second === 'string' && second.length === 64 && typeof fourth === 'string') {
        blobs.set(second, [page, at]);
      }
    }
  }
  return {
    events,
    blob: (id) => {
      const place = blobs.get(id);
      const text = place && valuesAt(...place)?.[3];
      return typeof text === 'string' ? text : undefined;
    },
    close: () => closeSync(handle),
  };
}

type Value = string | number | undefined;

/** Offsets of the cells that hold rows. */
function cells(page: Buffer): number[] {
  const type = page[0];
  if (type !== TABLE_LEAF && type !== INDEX_LEAF && type !== INDEX_INTERIOR) return [];
  const from = type === INDEX_INTERIOR ? 12 : 8;
  const count = Math.min(page.readUInt16BE(3), Math.floor((PAGE - from) / 2));
  const places = Array.from({ length: count }, (_, index) => page.readUInt16BE(from + 2 * index));
  return places.filter((at) => at >= from + 2 * count && at < PAGE - 4);
}

/** The first columns of a row: its texts and whole numbers. Undefined when it is not one, or not all of it is there. */
function record(
  page: Buffer,
  start: number,
  read: (page: number) => Buffer | undefined,
): Value[] | undefined {
  const isTable = page[0] === TABLE_LEAF;
  const [size, afterSize] = varint(page, page[0] === INDEX_INTERIOR ? start + 4 : start);
  const at = isTable ? varint(page, afterSize)[1] : afterSize;
  const most = isTable ? PAGE - 35 : Math.floor(((PAGE - 12) * 64) / 255) - 23;
  const least = Math.floor(((PAGE - 12) * 32) / 255) - 23;
  const spill = least + ((size - least) % (PAGE - 4));
  const local = size <= most ? size : spill <= most ? spill : least;
  if (size < 2 || at + local > PAGE) return undefined;
  const parts = [page.subarray(at, at + local)];
  let left = size - local;
  let next = left > 0 && at + local + 4 <= PAGE ? page.readUInt32BE(at + local) : 0;
  while (left > 0) {
    const more = next > 1 ? read(next) : undefined;
    if (!more) return undefined;
    parts.push(more.subarray(4, 4 + Math.min(left, PAGE - 4)));
    left -= PAGE - 4;
    next = more.readUInt32BE(0);
  }
  return columns(Buffer.concat(parts));
}

const NUMBER_BYTES = [0, 1, 2, 3, 4, 6];

function columns(payload: Buffer): Value[] | undefined {
  const [header, first] = varint(payload, 0);
  const values: Value[] = [];
  let body = header;
  for (let at = first; at < header && values.length < 4;) {
    const [type, next] = varint(payload, at);
    at = next;
    const bytes = type >= 12 ? Math.floor((type - 12) / 2) : (NUMBER_BYTES[type] ?? (type < 8 ? 8 : 0));
    if (body + bytes > payload.length) return undefined;
    if (type >= 13 && type % 2 === 1) values.push(payload.toString('utf8', body, body + bytes));
    else if (type >= 1 && type <= 5) values.push(payload.readIntBE(body, bytes));
    else if (type === 8 || type === 9) values.push(type - 8);
    else values.push(undefined);
    body += bytes;
  }
  return values;
}

/** A number of up to nine bytes, and where it ends; larger ones than a page could hold are of no interest. */
function varint(buffer: Buffer, start: number): readonly [number, number] {
  let value = 0;
  for (let at = start; at < start + 8; at += 1) {
    const byte = buffer[at] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + 1];
  }
  return [value, start + 9];
}
