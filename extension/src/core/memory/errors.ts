import { StrataError } from '../../base/errors.ts';

export function memoryUnavailable(reason: string, cause?: unknown): StrataError {
  return new StrataError(
    'memory-unavailable',
    `Memory is not available: ${reason}`,
    'Install the Strata package made for this platform (or run `npm install` again), then reload the window. Everything but memory works without it.',
    { cause },
  );
}

export function memoryBusy(what: string): StrataError {
  return new StrataError(
    'memory-busy',
    `Another window or process is ${what} this folder's memory and did not finish in time.`,
    'Try again when it is done; searching works meanwhile.',
  );
}

export function memoryStorageFull(directory: string, cause: unknown): StrataError {
  return new StrataError(
    'memory-storage-full',
    `The disk that holds Strata's memory is full: ${directory}`,
    'Free some space, then run "Strata: Index Workspace" again. What was indexed before can still be searched.',
    { cause },
  );
}

export function memoryStorageUnwritable(directory: string, cause: unknown): StrataError {
  return new StrataError(
    'memory-storage-unwritable',
    `Strata cannot write its memory to ${directory}`,
    'Make that folder writable for you, or choose another storage folder.',
    { cause },
  );
}

export function memoryFolderUnreadable(folder: string, cause: unknown): StrataError {
  return new StrataError(
    'memory-folder-unreadable',
    `The workspace folder cannot be read: ${folder}`,
    'Check that the folder exists, is mounted and may be read by you; the index was left as it was.',
    { cause },
  );
}

export function memoryDamaged(what: string, cause?: unknown): StrataError {
  return new StrataError(
    'memory-damaged',
    `The stored ${what} cannot be read by this version of Strata.`,
    'Run "Strata: Index Workspace": it sets the old data aside and builds it anew.',
    { cause },
  );
}

export function memoryStopped(reason: string): StrataError {
  return new StrataError(
    'memory-stopped',
    `The memory process ended in the middle of the work: ${reason}`,
    'Try again; it is started anew, and the next index run repairs what was left half done.',
  );
}

export function memoryTimedOut(what: string, seconds: number): StrataError {
  return new StrataError(
    'memory-timeout',
    `Memory gave no answer to "${what}" within ${String(seconds)} s.`,
    'Try again; the memory process is started anew. A machine under heavy load may need longer.',
  );
}

export function memoryClosed(): StrataError {
  return new StrataError(
    'memory-closed',
    'This folder’s memory was closed.',
    'Open the folder again, or reload the window.',
  );
}

export function memoryFailed(what: string, cause: unknown): StrataError {
  return new StrataError(
    'memory-failed',
    `Memory failed (${what}): ${cause instanceof Error ? cause.message : String(cause)}`,
    'Try again; if it happens again, run "Strata: Doctor" and report what it says.',
    { cause },
  );
}
