import { join } from 'node:path';
import { assert } from '../../base/assert.ts';

export interface RunPaths {
  readonly folder: string;
  readonly index: string;
  readonly excludes: string;
  readonly journal: string;
  /** All that is kept of a run beside its copy and its references. */
  readonly files: readonly string[];
}

export function runPaths(storageDir: string, stateDir: string, run: string): RunPaths {
  assertRunId(run);
  const index = join(stateDir, `${run}.index`);
  const excludes = join(stateDir, `${run}.exclude`);
  const journal = join(stateDir, `${run}.applied`);
  return {
    folder: join(storageDir, 'copies', run),
    index,
    excludes,
    journal,
    files: [
      index,
      `${index}.lock`,
      excludes,
      journal,
      `${journal}.new`,
      join(stateDir, `workspace.files.${run}`),
    ],
  };
}

/** Ids of sub-runs are longer, and of the same letters. */
export function assertRunId(run: string): void {
  assert(
    /^\w[\w-]*$/.test(run),
    `a run id names files and references, so it holds only letters, digits, _ and -: ${run}`,
  );
}
