import type * as lancedbModule from '@lancedb/lancedb';
import type * as arrowModule from 'apache-arrow';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

export type LanceDb = typeof lancedbModule;
export type Arrow = typeof arrowModule;

export interface Native {
  readonly lancedb: LanceDb;
  readonly arrow: Arrow;
}

/**
 * Loads the native module and has it work once on an in-memory table: on some machines it loads and then crashes at the
 * first real call. A crash ends this process only, and the parent reads the signal.
 */
export async function loadNative(): Promise<Native> {
  // Without it LanceDB writes a warning to standard error per query. Read when the module is loaded.
  process.env['LANCEDB_LOG'] ??= 'error';
  // Lance sizes its pool of threads at two less than there are cores, and building a text index waits for ever for a
  // thread when the pool has no more of them than it builds parts at a time (lancedb#3568): seen with 100,000 rows.
  process.env['LANCE_CPU_THREADS'] ??= String(Math.max(availableParallelism(), 4));
  process.env['LANCE_FTS_NUM_SHARDS'] ??= '2';
  // Its own are batches of 8,192 rows and 2 GB read ahead. Compacting 130,000 chunks and indexing them anew then took 302 MB
  // at most, with these 254 MB and the same time.
  process.env['LANCE_DEFAULT_BATCH_SIZE'] ??= '1024';
  process.env['LANCE_DEFAULT_IO_BUFFER_SIZE'] ??= String(32 * 1024 * 1024);
  const lancedb = await import('@lancedb/lancedb');
  const arrow = await import('apache-arrow');
  const connection = await lancedb.connect('memory://');
  const table = await connection.createTable('smoke', [{ text: 'smoke' }]);
  if ((await table.countRows()) !== 1) throw new Error('LanceDB lost a row in its smoke test.');
  connection.close();
  return { lancedb, arrow };
}

/** Why the native module cannot work here, in words for a person. */
export async function whyUnavailable(error: unknown): Promise<string> {
  const told = error instanceof Error ? error : new Error(String(error));
  const target = `${process.platform}-${process.arch}`;
  if (target === 'darwin-x64') return 'LanceDB is not made for Intel Macs any more.';
  const lines = new Set<string>();
  for (let cause: unknown = told; cause instanceof Error; cause = cause.cause)
    lines.add((cause.message.split(NPM_HINT)[0] ?? '').trim());
  const detail = [...lines].slice(0, 3).join(' ');
  const hint = (await lacksAvx2()) ? ' This processor has no AVX2, which LanceDB needs.' : '';
  return `LanceDB’s native module for ${target} cannot be loaded.${hint} (${detail})`;
}

/** LanceDB's loader guesses at a bug in npm and tells people to delete their lock file; a missing platform package is likelier. */
const NPM_HINT = / npm has a bug|\n/;

/** Known on Linux only; elsewhere the answer is no. */
async function lacksAvx2(): Promise<boolean> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  try {
    return !/\bavx2\b/.test(await readFile('/proc/cpuinfo', 'utf8'));
  } catch {
    return false; // A sandbox may hide /proc; then nothing can be said.
  }
}
