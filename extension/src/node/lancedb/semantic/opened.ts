import type { Table } from '@lancedb/lancedb';
import type { DatabaseSync } from 'node:sqlite';

/** The chunks and their places, which belong together: what stands where now is known to the places alone. */
export interface Opened {
  readonly table: Table;
  readonly places: DatabaseSync;
  /** Of the places (`dataVersion`): the table is at least as new. */
  readonly version: string;
}
