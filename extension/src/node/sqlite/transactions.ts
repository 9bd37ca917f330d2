import type { DatabaseSync } from 'node:sqlite';

/** Does all of the work or nothing of it. May not be nested. */
export type InTransaction = <T>(work: () => T) => T;

export function transactions(database: DatabaseSync): InTransaction {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  return (work) => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };
}
