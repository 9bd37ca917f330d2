import { estimateText } from './token-estimate.ts';

/** Path → what changed it, such as `step 12`, the oldest first. */
export type ChangedFiles = ReadonlyMap<string, readonly string[]>;

/** Changes that are named of one file or folder: the first, and the newest of the rest. */
const NAMED = 4;

/**
 * Every changed file with the steps that changed it, one a line. Where that is longer than `most` tokens, folders stand for
 * what is in them, as deep as there is room for.
 */
export function listChangedFiles(changed: ChangedFiles, most: number): string {
  if (changed.size === 0) return '';
  const deepest = Math.max(...[...changed.keys()].map((path) => path.split('/').length));
  for (let depth = deepest; depth > 0; depth -= 1) {
    const text = listAt(changed, depth);
    if (estimateText(text) <= most) return text;
  }
  return listAt(changed, 0);
}

function listAt(changed: ChangedFiles, depth: number): string {
  const groups = new Map<string, { files: number; readonly by: Set<string> }>();
  for (const [path, by] of changed) {
    const parts = path.split('/');
    const name = parts.length <= depth ? path : `${['.', ...parts.slice(0, depth)].join('/')}/`;
    const group = groups.get(name) ?? { files: 0, by: new Set() };
    group.files += 1;
    for (const one of by) group.by.add(one);
    groups.set(name, group);
  }
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { files, by }]) => {
      const count = name.endsWith('/') ? `: ${files} ${files === 1 ? 'file' : 'files'}` : '';
      return `- ${plain(name)}${count} (${named([...by])})`;
    })
    .join('\n');
}

function named(by: readonly string[]): string {
  return (by.length <= NAMED ? by : [...by.slice(0, 1), '…', ...by.slice(1 - NAMED)]).join(', ');
}

/** A name may hold a line break, which must not begin a line of its own. */
function plain(path: string): string {
  return /[\p{Cc}]/u.test(path) ? JSON.stringify(path) : path;
}
