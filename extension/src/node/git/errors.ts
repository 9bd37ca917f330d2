import { messageOf, StrataError } from '../../base/errors.ts';

export function gitMissing(cause: unknown): StrataError {
  return new StrataError(
    'git-missing',
    'Git was not found on the PATH. Strata needs it to give each run its own copy of the workspace.',
    'Install Git 2.34 or newer (Debian: `apt install git`, macOS: `xcode-select --install`, Windows: https://git-scm.com) and start again.',
    { cause, passing: true },
  );
}

export function gitFailed(command: string, stderr: string, cause?: unknown): StrataError {
  return new StrataError(
    'git-failed',
    `\`git ${command}\` failed: ${stderr.trim().slice(-2_000) || 'it gave no reason'}`,
    'Check that Git 2.34 or newer is installed and that the storage folder is intact, then start again.',
    { cause },
  );
}

export function gitTimedOut(command: string, limitMs: number): StrataError {
  return new StrataError(
    'git-timeout',
    `\`git ${command}\` did not end within ${limitMs / 1000} s and was stopped.`,
    'Add large folders that the agent does not need to .gitignore, then start again.',
  );
}

export function diskFull(folder: string, cause: unknown): StrataError {
  return new StrataError(
    'disk-full',
    `The disk that holds ${folder} is full.`,
    'Free some space (discarding the copies of old runs helps), then resume the run.',
    { cause, passing: true },
  );
}

export function storageUnwritable(folder: string, cause: unknown): StrataError {
  return new StrataError(
    'storage-unwritable',
    `Strata cannot write to its storage folder ${folder}: ${messageOf(cause)}`,
    'Make the folder writable, or point Strata at another one.',
    { cause, passing: true },
  );
}

export function workspaceMissing(folder: string, cause: unknown): StrataError {
  return new StrataError(
    'workspace-missing',
    `The workspace folder ${folder} cannot be opened: ${messageOf(cause)}`,
    'Check that the folder is still there and that it may be read, then start again.',
    { cause },
  );
}

export function workspaceUnwritable(folder: string, cause: unknown): StrataError {
  return new StrataError(
    'workspace-unwritable',
    `The changes cannot be written to ${folder}: ${messageOf(cause)}`,
    'Make the folder writable and apply again; files that were written already are recognised.',
    { cause },
  );
}

export function copyMissing(folder: string): StrataError {
  return new StrataError(
    'copy-missing',
    `The copy of the workspace that this run works on is gone: ${folder}`,
    'Resume the run: its copy is made again from the last snapshot.',
    { passing: true },
  );
}

export function treeMissing(tree: string, cause: unknown): StrataError {
  return new StrataError(
    'tree-missing',
    `The snapshot ${tree.slice(0, 12)} of this run's files is no longer in Strata's storage, or is damaged there.`,
    'Fork the run from another step, or run the task again. Should you have a backup of the storage folder, put it back and resume.',
    { cause, passing: true },
  );
}

export function restoreInPlace(folder: string): StrataError {
  return new StrataError(
    'restore-in-place',
    `This run works in ${folder} itself, so Strata does not put files back there on its own.`,
    'Look at the files, put them right by hand where needed, and decide how the run goes on.',
  );
}

const FULL = /No space left on device|Out of diskspace|Disk quota exceeded|ENOSPC|EDQUOT/;
const UNWRITABLE = /Permission denied|Read-only file system|insufficient permission|EACCES|EPERM|EROFS/;

/** What a failed write in the storage folder comes to; anything that is not about the disk is returned as it was. */
export function storageError(folder: string, error: unknown): unknown {
  const text = messageOf(error);
  if (FULL.test(text)) return diskFull(folder, error);
  if (UNWRITABLE.test(text) || /ENOTDIR|EEXIST/.test(text)) return storageUnwritable(folder, error);
  return error;
}

export function workspaceWriteError(folder: string, error: unknown): unknown {
  const text = messageOf(error);
  if (FULL.test(text)) return diskFull(folder, error);
  if (/\bE[A-Z]+:/.test(text)) return workspaceUnwritable(folder, error);
  return error;
}
