import type { ComparedFiles } from '../../core/orchestration/compare/index.ts';
import type { ComparedPair, CompareFile } from '../../protocol/compare-panel.ts';
import type { FilePair, FoundRun } from './ports.ts';

/** Files that are looked into: each costs two calls of git. */
const LOOKED_INTO = 100;

/** All that is known without looking into files. */
export function changedFiles({ both, onlyA, onlyB, equal }: ComparedFiles): readonly CompareFile[] {
  const files: CompareFile[] = [
    ...both.map((path) => ({ path, verdict: equal === true ? ('same' as const) : ('unknown' as const) })),
    ...onlyA.map((path) => ({ path, verdict: 'only-a' as const })),
    ...onlyB.map((path) => ({ path, verdict: 'only-b' as const })),
  ];
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Tells those that both made the same of from those that they did not. One that cannot be read stays unknown. */
export async function lookInto(
  files: readonly CompareFile[],
  { a, b }: ComparedFiles,
  runs: { readonly a: FoundRun; readonly b: FoundRun },
  signal: AbortSignal,
): Promise<readonly CompareFile[]> {
  if (!a || !b) return files;
  const known: CompareFile[] = [];
  let looked = 0;
  for (const file of files) {
    if (file.verdict !== 'unknown' || looked >= LOOKED_INTO || signal.aborted) {
      known.push(file);
      continue;
    }
    looked += 1;
    try {
      const [left, right] = await Promise.all([
        runs.a.fileAt(a.result, file.path),
        runs.b.fileAt(b.result, file.path),
      ]);
      const same = left === undefined || right === undefined ? left === right : left.equals(right);
      known.push({ path: file.path, verdict: same ? 'same' : 'differs' });
    } catch {
      // The trees of an imported run, or of one whose storage is gone, cannot be read; the list says so.
      known.push(file);
    }
  }
  return known;
}

/** A run that changed nothing has the file as the other one found it. */
export function filePair(path: string, pair: ComparedPair, { a, b }: ComparedFiles): FilePair | undefined {
  const left = a ? { run: pair.a, tree: a.result } : b && { run: pair.b, tree: b.base };
  const right = b ? { run: pair.b, tree: b.result } : a && { run: pair.a, tree: a.base };
  return left && right && { path, a: left, b: right };
}
