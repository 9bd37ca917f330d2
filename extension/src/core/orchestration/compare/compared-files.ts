import type { RunView } from '../../../protocol/run-view.ts';
import { changesOf } from '../run-changes.ts';
import type { ComparedFiles } from './comparison.ts';

/** Which paths each run changed, all in all. What they made of them is for git to say, from the trees. */
export function compareFiles(a: RunView, b: RunView): ComparedFiles {
  const [left, right] = [changesOf(a), changesOf(b)];
  const [ours, theirs] = [new Set(left?.paths), new Set(right?.paths)];
  return {
    both: [...ours].filter((path) => theirs.has(path)),
    onlyA: [...ours].filter((path) => !theirs.has(path)),
    onlyB: [...theirs].filter((path) => !ours.has(path)),
    ...(left ? { a: { base: left.base, result: left.result } } : {}),
    ...(right ? { b: { base: right.base, result: right.result } } : {}),
    ...(left && right ? { equal: left.result === right.result } : {}),
  };
}
