import ignore, { type Ignore } from 'ignore';

/** The ignore files of one directory, and those of the directories above it. */
export interface IgnoreRules {
  /** Relative to the root of the walk with a `/` at the end; the root itself is the empty string. */
  readonly directory: string;
  readonly matcher: Ignore;
  readonly parent: IgnoreRules | undefined;
}

/** Names of ignore files in the order they apply: the later may take back what the earlier one excluded. */
export const IGNORE_FILES = ['.gitignore', '.strataignore'] as const;

/** `text` is the directory's ignore files, joined by newlines. */
export function ignoreRules(
  directory: string,
  text: string,
  parent: IgnoreRules | undefined,
  caseSensitive: boolean,
): IgnoreRules {
  return { directory, matcher: ignore({ ignorecase: !caseSensitive }).add(text), parent };
}

/**
 * Whether a path is left out. The rules nearest to it decide, as in git; a directory that is left out is not entered,
 * so nothing in it can be taken back. `.git`, other version control folders and `node_modules` are always left out.
 */
export function isIgnored(rules: IgnoreRules | undefined, path: string, kind: 'file' | 'directory'): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (ALWAYS.has(name)) return true;
  for (let level = rules; level !== undefined; level = level.parent) {
    const relative = path.slice(level.directory.length);
    const result = level.matcher.test(kind === 'directory' ? `${relative}/` : relative);
    if (result.ignored) return true;
    if (result.unignored) return false;
  }
  return false;
}

/** `.git` is a file in worktrees and submodules. */
const ALWAYS = new Set(['.git', '.hg', '.svn', '.jj', 'node_modules', '.DS_Store']);
