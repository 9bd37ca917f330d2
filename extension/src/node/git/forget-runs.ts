import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { whileNobodyWrites } from './collection-gate.ts';
import { storageError } from './errors.ts';
import { assertRunId, runPaths } from './run-paths.ts';
import { openShadow } from './shadow-repository.ts';

/** What nobody needs any more is kept for this long: objects of a snapshot that is being taken have no reference yet. */
const EXPIRY = '1.day.ago';
const COLLECT_LIMIT_MS = 10 * 60_000;

/** Removes copies and snapshots of runs whose log is gone. The room that the snapshots took is freed by `collectGarbage`. */
export async function forgetRuns(
  storageDir: string,
  runs: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  runs.forEach(assertRunId);
  const shadow = await openShadow(storageDir, signal);
  for (const run of runs) {
    signal.throwIfAborted();
    const { folder, files } = runPaths(storageDir, shadow.stateDir, run);
    try {
      for (const path of [folder, ...files]) await rm(path, { recursive: true, force: true });
    } catch (error) {
      throw storageError(storageDir, error);
    }
    const refs = (
      await shadow.git(['for-each-ref', '--format=%(refname)', `refs/strata/${run}/`], { signal })
    )
      .toString('utf8')
      .split('\n')
      .filter((ref) => ref !== '');
    const input = Buffer.from(refs.map((ref) => `delete ${ref}\n`).join(''));
    if (refs.length > 0) await shadow.git(['update-ref', '--stdin'], { input, signal });
  }
}

/**
 * Packs the snapshots and frees what no run needs, for when nothing else goes on: it may take a minute. False when it was
 * left for another time, because a run is taking a snapshot or another process collects already.
 */
export async function collectGarbage(storageDir: string, signal: AbortSignal): Promise<boolean> {
  const shadow = await openShadow(storageDir, signal);
  return whileNobodyWrites(shadow.stateDir, async () => {
    // Left by a git that was killed; nobody writes now.
    for (const [folder, left] of [
      [shadow.gitDir, /^fast_import_crash_/],
      [shadow.stateDir, /^merge-|\.passing\.index/],
    ] as const) {
      for (const name of await readdir(folder))
        if (left.test(name)) await rm(join(folder, name), { recursive: true, force: true });
    }
    const args = ['-c', 'gc.packRefs=true', '-c', 'pack.threads=1', 'gc', '--quiet', `--prune=${EXPIRY}`];
    await shadow.git(args, { signal, limitMs: COLLECT_LIMIT_MS });
  });
}
