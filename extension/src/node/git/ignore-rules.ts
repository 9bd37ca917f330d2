import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The repository that a folder belongs to: its top folder, and its `.git` folder or file. */
export interface Enclosing {
  readonly top: string;
  readonly gitDir: string;
}

export function enclosingRepository(folder: string): Enclosing | undefined {
  for (let top = folder; ; top = dirname(top)) {
    const gitDir = join(top, '.git');
    if (existsSync(gitDir)) return { top, gitDir };
    if (dirname(top) === top) return undefined;
  }
}

/**
 * The ignore rules that hold in a folder but do not stand in it, as the text of one exclude file: those of the
 * repository's `info/exclude`, and of the `.gitignore` files above. The run's copy needs them, or what a tool installs
 * there (`node_modules`, say) would be taken for the run's work.
 */
export function outerIgnoreRules(folder: string): string {
  const repository = enclosingRepository(folder);
  if (!repository) return '';
  const { top, gitDir } = repository;
  const rules = rebased(textOf(join(commonDirectory(gitDir), 'info', 'exclude')), segments(top, folder));
  // The nearest file comes last: the last rule that matches decides.
  for (const between of foldersBetween(top, folder)) {
    rules.push(...rebased(textOf(join(between, '.gitignore')), segments(between, folder)));
  }
  return rules.map((rule) => `${rule}\n`).join('');
}

function foldersBetween(top: string, folder: string): string[] {
  const result: string[] = [];
  for (let at = folder; at !== top;) {
    at = dirname(at);
    result.unshift(at);
  }
  return result;
}

function segments(from: string, to: string): string[] {
  const path = relative(from, to);
  return path === '' ? [] : path.split(sep);
}

/** Rules of a folder as they read from a folder below it. See gitignore(5) for what a slash in a pattern means. */
function rebased(text: string, below: readonly string[]): string[] {
  const rules = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (below.length === 0) return rules;
  return rules.flatMap((rule) => {
    const negated = rule.startsWith('!');
    const pattern = negated ? rule.slice(1) : rule;
    const anchored = pattern.replace(/\/+$/, '').includes('/');
    if (!anchored || pattern.startsWith('**/')) return [rule];
    const parts = pattern.replace(/^\//, '').split('/');
    const deep = parts.indexOf('**');
    if (deep >= 0 && deep < below.length) {
      return matches(parts.slice(0, deep), below)
        ? [`${negated ? '!' : ''}${parts.slice(deep).join('/')}`]
        : [];
    }
    const rest = parts.slice(below.length).join('/');
    return rest !== '' && matches(parts.slice(0, below.length), below)
      ? [`${negated ? '!' : ''}/${rest}`]
      : [];
  });
}

function matches(patterns: readonly string[], names: readonly string[]): boolean {
  return patterns.every((pattern, index) => {
    const source = pattern
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replace(/\*+/g, '[^/]*')
      .replace(/\?/g, '[^/]');
    try {
      return new RegExp(`^${source}$`).test(names[index] ?? '');
    } catch (error) {
      // An unclosed bracket: git takes it for a pattern that matches nothing.
      if (error instanceof SyntaxError) return false;
      throw error;
    }
  });
}

/** Worktrees and submodules keep `info/` elsewhere: `.git` is a file that names a folder, which may name another. */
function commonDirectory(git: string): string {
  const pointer = /^gitdir: (.+)$/m.exec(textOf(git));
  const gitDir = pointer?.[1] ? resolve(dirname(git), pointer[1].trim()) : git;
  const common = textOf(join(gitDir, 'commondir')).trim();
  return common === '' ? gitDir : resolve(gitDir, common);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // Absent, a folder, or not ours to read: no rules from there.
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
