import {
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isStrataError } from '../../base/errors.ts';
import { sha256 } from '../../core/orchestration/hash.ts';
import type { BlobId, RunEvent, RunId } from '../../protocol/run-event.ts';
import { openBlobs } from './blobs.ts';
import { blobDamaged } from './errors.ts';
import type { MovedAside } from './moved-aside.ts';
import { scanPages } from './page-scan.ts';
import type { ScannedPages } from './page-scan.ts';
import { readEvent } from './read-events.ts';
import { prepareSchema } from './schema.ts';
import { transactions } from './transactions.ts';
import { reachable } from './transfer.ts';
import { openWriter } from './writer.ts';

type Salvaged = Omit<MovedAside, 'path'>;

/**
 * Brings what can be read of a damaged log into a new one: every run whose events are all there, with all the values that they name.
 * Each row is looked up by itself, so a page that cannot be read takes no more with it than what stands on it.
 */
export function salvage(damaged: string, into: DatabaseSync): Salvaged {
  const copy = `${damaged}-copy`;
  let source: DatabaseSync | undefined;
  try {
    for (const suffix of ['', '-wal'])
      if (existsSync(damaged + suffix)) copyFileSync(damaged + suffix, copy + suffix);
    source = openCopy(copy, damaged);
    const pages = scanPages(copy);
    try {
      return saveRuns(source, pages, into);
    } finally {
      pages.close();
    }
  } finally {
    source?.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
  }
}

/** A file that SQLite refuses gets the first page and the length of one that is whole. */
function openCopy(copy: string, damaged: string): DatabaseSync | undefined {
  for (const mend of [() => undefined, () => mendLength(copy), () => mendFirstPage(copy, `${damaged}-new`)]) {
    if (!existsSync(copy)) return undefined;
    mend();
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(copy);
      database.prepare('SELECT run FROM event LIMIT 1').get();
      return database;
    } catch {
      // Not readable like this: mended in the next way, or given up.
      database?.close();
    }
  }
  return undefined;
}

const PAGE = 4096;

/** SQLite refuses a file that is shorter than its first page says; what is missing can be empty. */
function mendLength(copy: string): void {
  const head = Buffer.alloc(32);
  const handle = openSync(copy, 'r');
  readSync(handle, head, 0, head.length, 0);
  closeSync(handle);
  const bytes = head.readUInt32BE(28) * PAGE;
  // A number that is damaged too must not fill the disk.
  const { size } = statSync(copy);
  if (bytes > size && bytes < 64 * size) truncateSync(copy, bytes);
}

/** Logs begin alike: the first page says where the tables are, and in files made by the same format they are at the same places. */
function mendFirstPage(copy: string, template: string): void {
  const made = new DatabaseSync(template);
  const page = Buffer.alloc(PAGE);
  try {
    made.exec('PRAGMA auto_vacuum = INCREMENTAL');
    prepareSchema(made, template);
    made.close();
    const from = openSync(template, 'r');
    readSync(from, page, 0, PAGE, 0);
    closeSync(from);
  } finally {
    rmSync(template, { force: true });
  }
  page.writeUInt32BE(Math.ceil(statSync(copy).size / PAGE), 28);
  const to = openSync(copy, 'r+');
  writeSync(to, page, 0, PAGE, 0);
  closeSync(to);
}

function saveRuns(source: DatabaseSync | undefined, pages: ScannedPages, into: DatabaseSync): Salvaged {
  const { ids, complete } = runIds(source, pages);
  const getBlob = blobReader(source, pages);
  const whole = new Map<RunId, readonly RunEvent[]>();
  for (const id of ids) {
    const events = wholeRun(source, pages, id, getBlob);
    if (events) whole.set(id, events);
  }
  const blobs = openBlobs(into);
  const writer = openWriter(into, transactions(into), blobs, Date.now);
  const isKept = (id: RunId): boolean => {
    const parent = parentOf(whole.get(id));
    return whole.has(id) && (parent === undefined || isKept(parent));
  };
  let saved = 0;
  for (const [id, events] of whole) {
    if (!isKept(id)) continue;
    for (const text of reachable(events, getBlob).values()) blobs.put(text);
    writer.begin(new Map([[id, events]]), undefined);
    if (parentOf(events) === undefined) saved += 1;
    if (valueOf(source, 'SELECT pinned AS value FROM run WHERE id = ?', id) === 1)
      into.prepare('UPDATE run SET pinned = 1 WHERE id = ?').run(id);
  }
  // The id of a sub-run is that of its parent with more behind it.
  const gone = ids.filter((id) => !isKept(id) && !ids.some((other) => id.startsWith(`${other}-`)));
  return { saved, lost: complete ? gone.length : undefined };
}

/** Throws `blob-damaged`. */
function blobReader(source: DatabaseSync | undefined, pages: ScannedPages): (id: BlobId) => string {
  const blobs = source && openBlobs(source);
  return (id) => {
    try {
      if (blobs) return blobs.get(id);
    } catch (error) {
      if (!isStrataError(error) && !isSqliteError(error)) throw error;
    }
    const text = pages.blob(id);
    if (text === undefined || sha256(text) !== id) throw blobDamaged(id, 'missing');
    return text;
  };
}

function parentOf(events: readonly RunEvent[] | undefined): RunId | undefined {
  const [first] = events ?? [];
  return first?.type === 'run.started' && first.origin.kind === 'sub-run' ? first.origin.run : undefined;
}

/** From both tables, from both ends: what is behind a damaged page is reached from the other side. */
function runIds(
  source: DatabaseSync | undefined,
  pages: ScannedPages,
): { readonly ids: readonly RunId[]; readonly complete: boolean } {
  const ids = new Set<RunId>();
  let complete = false;
  if (!source) return { ids: [...pages.events.keys()].sort(), complete };
  const walk = (sql: string, first: string): boolean => {
    try {
      const statement = source.prepare(sql);
      for (let at: string | undefined = first; at !== undefined;) {
        const id: unknown = statement.get(at)?.['id'];
        if (typeof id === 'string') ids.add(id);
        at = typeof id === 'string' ? id : undefined;
      }
      return true;
    } catch {
      // A page on the way cannot be read; the other walks go on behind it.
      return false;
    }
  };
  for (const [table, column] of [
    ['run', 'id'],
    ['event', 'run'],
  ] as const) {
    const select = `SELECT ${column} AS id FROM ${table} WHERE ${column}`;
    const up = walk(`${select} > ? ORDER BY ${column} LIMIT 1`, '');
    const down = up || walk(`${select} < ? ORDER BY ${column} DESC LIMIT 1`, '\u{10ffff}');
    complete ||= up && down;
  }
  // Where the tables tell of all runs, what else stands on pages was removed.
  if (!complete) for (const id of pages.events.keys()) ids.add(id);
  return { ids: [...ids].sort(), complete };
}

/** Undefined when an event or a value of it is missing or damaged. */
function wholeRun(
  source: DatabaseSync | undefined,
  pages: ScannedPages,
  run: RunId,
  getBlob: (id: BlobId) => string,
): readonly RunEvent[] | undefined {
  const last = valueOf(source, 'SELECT last_seq AS value FROM run WHERE id = ?', run);
  const scanned = pages.events.get(run) ?? new Map<number, string>();
  for (const bodies of [() => tableBodies(source, run), () => contiguous(scanned)]) {
    try {
      const events = bodies().map((body, index) => readEvent(run, index + 1, body));
      if (events[0]?.type !== 'run.started' || (typeof last === 'number' && last > events.length)) continue;
      reachable(events, getBlob);
      return events;
    } catch (error) {
      if (!isStrataError(error) && !isSqliteError(error)) throw error;
    }
  }
  return undefined;
}

function tableBodies(source: DatabaseSync | undefined, run: RunId): string[] {
  const rows = source?.prepare('SELECT body FROM event WHERE run = ? ORDER BY seq').all(run) ?? [];
  return rows.map(({ body }) => String(body));
}

function contiguous(bodies: ReadonlyMap<number, string>): string[] {
  const result: string[] = [];
  for (let body = bodies.get(1); body !== undefined; body = bodies.get(result.length + 1)) result.push(body);
  return result.length === bodies.size ? result : [];
}

function valueOf(source: DatabaseSync | undefined, sql: string, run: RunId): unknown {
  try {
    return source?.prepare(sql).get(run)?.['value'];
  } catch (error) {
    if (isSqliteError(error)) return undefined;
    throw error;
  }
}

function isSqliteError(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error;
}
