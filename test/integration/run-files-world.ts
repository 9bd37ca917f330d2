import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import { isStrataError } from '../../extension/src/base/errors.ts';
import { openRunFiles } from '../../extension/src/node/git/index.ts';
import type { GitRunFiles, RunFilesOptions } from '../../extension/src/node/git/index.ts';

export const live = new AbortController().signal;
export const isRoot = process.getuid?.() === 0;
export interface World {
  readonly root: string;
  readonly workspace: string;
  readonly storage: string;
  readonly copy: string;
  readonly files: GitRunFiles;
  /** The tree that `begin` recorded. */
  readonly base: string;
  begin(): ReturnType<GitRunFiles['begin']>;
  open(options?: Partial<RunFilesOptions>): Promise<GitRunFiles>;
  write(files: Record<string, string>): void;
  writeCopy(files: Record<string, string>): void;
  onEnd(end: () => unknown): void;
  changed(): Promise<readonly string[]>;
  apply(result: string): ReturnType<GitRunFiles['apply']>;
}

/** A workspace with the given files in a temporary folder, and a run on it. `below` makes a folder inside the workspace. */
export async function start(t: TestContext, files: Record<string, string>, below = ''): Promise<World> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'strata-files-')));
  // Hooks of the test runner run in the order in which they were added; a disk must go before the folder that it is in.
  const endings: (() => unknown)[] = [() => rmSync(root, { recursive: true, force: true })];
  t.after(() => endings.reverse().forEach((end) => end()));
  const top = join(root, 'workspace');
  mkdirSync(top);
  writeAll(top, files);
  const workspace = join(top, below);
  const storage = join(root, 'storage');
  const open = (options: Partial<RunFilesOptions> = {}): Promise<GitRunFiles> =>
    openRunFiles({ workspace, storageDir: storage, run: 'r-1', isolation: 'copy', ...options });
  const own = await open();
  let base = '';
  return {
    root,
    workspace,
    storage,
    copy: own.folder,
    files: own,
    open,
    get base() {
      return base;
    },
    async begin() {
      const begun = await own.begin(live);
      base = begun.tree;
      return begun;
    },
    write: (more) => writeAll(workspace, more),
    writeCopy: (more) => writeAll(own.folder, more),
    onEnd: (end) => endings.push(end),
    changed: async () => own.changedPaths(base, await own.snapshot(live)),
    apply: (result) => own.apply({ base, result }, live),
  };
}

function writeAll(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Every file below a folder with its text; of a link, where it leads. */
export function contents(folder: string): Record<string, string> {
  const found: [string, string][] = [];
  const walk = (at: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) walk(path);
      else
        found.push([
          relative(folder, path),
          entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : readFileSync(path, 'utf8'),
        ]);
    }
  };
  walk(folder);
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function without(files: Record<string, string>, ...paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));
}

export function failsWith(code: string): (error: unknown) => true {
  return (error) => {
    assert.ok(isStrataError(error), `a StrataError, not ${String(error)}`);
    assert.equal(error.code, code, error.message);
    assert.notEqual(error.action, '');
    if (code !== 'copy-missing' && code !== 'restore-in-place') assert.ok(error.cause, 'it names its cause');
    return true;
  };
}

export function gitIn(folder: string, ...args: readonly string[]): void {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
}

export function mountSmallDisk({ root, onEnd }: World): string | { readonly reason: string } {
  if (!isRoot || process.platform !== 'linux')
    return { reason: 'needs root on Linux: a small disk is mounted' };
  const disk = mkdtempSync(join(root, 'disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=700k', 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    return { reason: `needs the right to mount a disk: ${String(error)}` };
  }
  onEnd(() => execFileSync('umount', ['-l', disk]));
  return realpathSync(disk);
}
