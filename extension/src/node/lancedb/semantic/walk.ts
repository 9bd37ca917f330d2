import { lstat, opendir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import {
  IGNORE_FILES,
  ignoreRules,
  isIgnored,
  memoryFolderUnreadable,
  type IgnoreRules,
} from '../../../core/memory/index.ts';

export interface FoundFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

export interface Walk {
  readonly files: readonly FoundFile[];
  /** Whether there were more files than the limit. */
  readonly truncated: boolean;
}

/**
 * The files of a folder that no ignore file leaves out, in the order of their paths. Symbolic links are not followed:
 * what they point to is either found at its own place or no part of the folder, and so there are no loops. A directory
 * that cannot be read counts as empty; the root must be readable.
 */
export async function walkFolder(root: string, signal: AbortSignal, onFound: OnFound): Promise<Walk> {
  return await walkFrom(root, '', await rulesAbove(root), signal, onFound);
}

/** How many there are so far. */
type OnFound = (files: number) => void;

/** What paths of the folder stand for now: nothing where they are not there, are ignored, or are reached by a link. */
export async function walkPaths(
  root: string,
  paths: readonly string[],
  signal: AbortSignal,
  onFound: OnFound,
): Promise<Walk> {
  const entered = new Map<string, Promise<Entered>>();
  const top = await rulesAbove(root);

  /** A directory that can be entered, with the rules that hold in it. */
  function enter(directory: string): Promise<Entered> {
    const known = entered.get(directory);
    if (known !== undefined) return known;
    const entering = (async (): Promise<Entered> => {
      if (directory === '') return { rules: await rulesOf(root, '', undefined, top) };
      const above = await enter(parentOf(directory));
      if (above === 'closed' || (await kindOf(root, directory)) !== 'directory') return 'closed';
      if (isIgnored(above.rules, directory, 'directory')) return 'closed';
      return { rules: await rulesOf(join(root, directory), `${directory}/`, undefined, above.rules) };
    })();
    entered.set(directory, entering);
    return entering;
  }

  const files = new Map<string, FoundFile>();
  let truncated = false;
  for (const path of paths) {
    signal.throwIfAborted();
    const above = path === '' ? { rules: top } : await enter(parentOf(path));
    const kind = path === '' ? 'directory' : await kindOf(root, path);
    if (above === 'closed' || kind === 'other' || (path !== '' && isIgnored(above.rules, path, kind)))
      continue;
    const walk =
      kind === 'directory'
        ? await walkFrom(root, path === '' ? '' : `${path}/`, above.rules, signal, onFound)
        : { files: await fileAt(root, path), truncated: false };
    for (const file of walk.files) files.set(file.path, file);
    truncated ||= walk.truncated;
  }
  return { files: [...files.values()], truncated };
}

type Entered = { readonly rules: IgnoreRules | undefined } | 'closed';

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** By its exact name: where case makes no difference, a file that was renamed by case alone is gone under its old name. */
async function kindOf(root: string, path: string): Promise<'file' | 'directory' | 'other'> {
  try {
    const stats = await lstat(join(root, path));
    if (!CASE_SENSITIVE && !(await realpath(join(root, path))).endsWith(path.split('/').join(sep)))
      return 'other';
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  } catch {
    return 'other'; // It is gone.
  }
}

async function walkFrom(
  root: string,
  start: string,
  rulesAtStart: IgnoreRules | undefined,
  signal: AbortSignal,
  onFound: OnFound,
): Promise<Walk> {
  const files: FoundFile[] = [];
  let truncated = false;

  async function enter(directory: string, parent: IgnoreRules | undefined): Promise<void> {
    const entries = await entriesOf(join(root, directory), directory === '' ? root : undefined);
    const rules = await rulesOf(join(root, directory), directory, entries, parent);
    const waiting: string[] = [];
    const look = async (): Promise<void> => {
      if (waiting.length === 0) return;
      const found = await Promise.all(waiting.splice(0).map((path) => fileAt(root, path)));
      files.push(...found.flat());
      onFound(files.length);
    };
    for (const { name, kind } of entries) {
      signal.throwIfAborted();
      const path = `${directory}${name}`;
      if (kind === 'other' || isIgnored(rules, path, kind)) continue;
      if (kind === 'directory' || waiting.length === AT_ONCE) await look();
      if (files.length + waiting.length >= MOST_FILES) await look();
      if (files.length >= MOST_FILES) truncated = true;
      if (truncated) return;
      if (kind === 'directory') await enter(`${path}/`, rules);
      else waiting.push(path);
    }
    await look();
  }

  await enter(start, rulesAtStart);
  return { files, truncated };
}

/** Each waits for a thread of the pool: one after the other they took as long as reading the files. */
const AT_ONCE = 64;

/** Beyond it a folder is a home directory or a disk rather than a project. */
export const MOST_FILES = 50_000;

/** Ignore files may lie between the opened folder and the top of its git repository; git lets no repository look above its own. */
async function rulesAbove(root: string): Promise<IgnoreRules | undefined> {
  const above: string[] = [];
  for (let at = root; !(await exists(join(at, '.git'))); at = dirname(at)) {
    if (dirname(at) === at) return undefined;
    above.unshift(dirname(at));
  }
  let rules: IgnoreRules | undefined;
  for (const directory of above) {
    const text = await textOf(join(directory, '.gitignore'));
    if (text === '') continue;
    const below = relative(directory, root).split(sep).join('/');
    rules = ignoreRules('', rebased(text, below), rules, CASE_SENSITIVE);
  }
  return rules;
}

/**
 * Lines of an ignore file as seen from a folder further down: anchored patterns lose the way to it, or are dropped when
 * they are about something else.
 */
function rebased(text: string, below: string): string {
  const lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, not = '', pattern = ''] = /^(!?)(.*)$/.exec(line) ?? [];
    const anchored = pattern.replace(/\/\s*$/, '').includes('/') && !pattern.startsWith('**/');
    const bare = pattern.replace(/^\//, '');
    if (!anchored) lines.push(line);
    else if (bare.startsWith(`${below}/`)) lines.push(`${not}/${bare.slice(below.length + 1)}`);
  }
  return lines.join('\n');
}

const ENTRIES_AT_ONCE = 256;

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'other';
}

async function entriesOf(directory: string, root: string | undefined): Promise<Entry[]> {
  const entries: Entry[] = [];
  try {
    for await (const entry of await opendir(directory, { bufferSize: ENTRIES_AT_ONCE })) {
      entries.push({
        name: entry.name,
        kind: entry.isDirectory() ? 'directory' : entry.isFile() ? 'file' : 'other',
      });
    }
  } catch (error) {
    if (root !== undefined) throw memoryFolderUnreadable(root, error);
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function rulesOf(
  absolute: string,
  directory: string,
  entries: readonly Entry[] | undefined,
  parent: IgnoreRules | undefined,
): Promise<IgnoreRules | undefined> {
  const names = IGNORE_FILES.filter(
    (name) => entries?.some((entry) => entry.name === name && entry.kind === 'file') ?? true,
  );
  const texts = await Promise.all(names.map((name) => textOf(join(absolute, name))));
  if (directory === '') texts.unshift(await textOf(join(absolute, '.git', 'info', 'exclude')));
  const text = texts.join('\n').trim();
  return text === '' ? parent : ignoreRules(directory, text, parent, CASE_SENSITIVE);
}

/** As git takes it by default on each system. */
const CASE_SENSITIVE = process.platform === 'linux';

async function fileAt(root: string, path: string): Promise<FoundFile[]> {
  try {
    const stats = await lstat(join(root, path));
    return stats.isFile() ? [{ path, size: stats.size, mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs }] : [];
  } catch {
    return []; // It has vanished since its directory was read.
  }
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => ''); // No ignore file, no rules.
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
