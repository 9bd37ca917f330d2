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

/** Not thrown: nothing is lost by it but the names of definitions. `names` are those of files, without `.wasm`. */
export function memoryGrammarsLacking(names: readonly string[]): StrataError {
  return new StrataError(
    'memory-grammars-lacking',
    `Code of some languages is cut by the shape of its lines and not by definition: ${names.map((name) => `${name}.wasm`).join(', ')} is missing or cannot be loaded.`,
    'Install Strata again and reload the window; then clear the index of the folder and index it anew.',
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

export function sharedMemoryMistake(what: string): StrataError {
  return new StrataError(
    'memory-shared-setting',
    `The shared memory cannot be used: ${what}.`,
    'Correct “strata.memory.uri” or “strata.memory.storageOptions” (in a terminal STRATA_MEMORY_URI and STRATA_MEMORY_STORAGE_OPTIONS), or empty the address to keep memory on this machine.',
  );
}

export function sharedMemoryUnreachable(uri: string, cause: unknown): StrataError {
  return new StrataError(
    'memory-shared-unreachable',
    `The shared memory at ${uri} does not answer.`,
    'Check the network, the address and “endpoint” in “strata.memory.storageOptions”. It goes on by itself when the server answers; to work without it, empty “strata.memory.uri”.',
    { cause, passing: true },
  );
}

export function sharedMemoryDenied(uri: string, cause: unknown): StrataError {
  return new StrataError(
    'memory-shared-denied',
    `The shared memory at ${uri} does not let you in.`,
    `Check your credentials: in the environment (AWS_ACCESS_KEY_ID and the like), or with “Strata: Set API Key”, another server, the name “memory” and the address of “strata.memory.uri”. They need to list, read, write and delete.`,
    { cause },
  );
}

export function sharedMemoryMissing(uri: string, cause: unknown): StrataError {
  return new StrataError(
    'memory-shared-missing',
    `There is no such place for shared memory: ${uri}`,
    'Make the bucket or the database first, or correct “strata.memory.uri”.',
    { cause },
  );
}

export function sharedMemoryNewer(uri: string, title: string): StrataError {
  return new StrataError(
    'memory-shared-newer',
    `The ${title} at ${uri} is of a newer version of Strata than this one.`,
    'Update Strata on this machine, or empty “strata.memory.uri” to keep memory here.',
  );
}

export function sharedMemoryForeign(uri: string, table: string): StrataError {
  return new StrataError(
    'memory-shared-foreign',
    `The table “${table}” at ${uri} was not made by Strata.`,
    'Give Strata a place of its own in “strata.memory.uri”.',
  );
}

export function sharedMemoryNotForgotten(uri: string): StrataError {
  return new StrataError(
    'memory-shared-not-forgotten',
    `What was forgotten is out of the table at ${uri}, but not yet out of its older versions: another machine’s clock is ahead, or it is writing.`,
    'Forget it once more in some minutes; the next run that is remembered does so as well.',
    { passing: true },
  );
}
