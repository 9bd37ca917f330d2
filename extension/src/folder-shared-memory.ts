import type { Json } from './base/json.ts';
import {
  projectName,
  readSharedSetting,
  sharedMemoryMistake,
  sharedPlaceFrom,
  type SharedPlace,
} from './core/memory/index.ts';
import type { Environment, Keys } from './core/models/keys.ts';
import { projectRemote } from './node/git/index.ts';

/** The settings `strata.memory.uri` and `strata.memory.storageOptions`, as they stand. */
export interface SharedMemorySettings {
  readonly uri: Json | undefined;
  readonly storageOptions: Json | undefined;
}

/**
 * Where the memory of a folder lies when a team shares it. One address serves all projects of a person, so each has its place
 * below it, named by where its repository was cloned from; a folder without such an address keeps its memory on this machine.
 */
export function sharedMemoryOf(
  folder: string,
  settings: (() => SharedMemorySettings) | undefined,
  surroundings: { readonly keys: Keys; readonly env: Environment },
): () => Promise<SharedPlace | undefined> {
  const given = settings ?? (() => ofEnvironment(surroundings.env));
  return async () => {
    const { uri, storageOptions } = given();
    const setting = readSharedSetting(uri, storageOptions);
    if (setting === undefined) return undefined;
    const found = await projectRemote(folder);
    const project = found && projectName(found.remote, found.inside);
    return project === undefined ? undefined : await sharedPlaceFrom(setting, project, surroundings);
  };
}

function ofEnvironment(env: Environment): SharedMemorySettings {
  const options = env['STRATA_MEMORY_STORAGE_OPTIONS'];
  let storageOptions: Json | undefined;
  try {
    if (options) storageOptions = JSON.parse(options) as Json;
  } catch {
    throw sharedMemoryMistake('STRATA_MEMORY_STORAGE_OPTIONS is no JSON'); // What it says may be a secret.
  }
  return { uri: env['STRATA_MEMORY_URI'], storageOptions };
}
