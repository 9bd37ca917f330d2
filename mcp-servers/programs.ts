import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Those of some programs that are on the PATH, by name, in the order in which they were given. */
export function findPrograms(names: readonly string[]): readonly string[] {
  return names.filter((name) => findProgram(name) !== undefined);
}

/** Where a program is; undefined when it is missing, or when nothing may be started at all. */
export function findProgram(name: string): string | undefined {
  // Under Node's permission model, as `files` runs where there is no container.
  if (permissions()?.has('child') === false) return undefined;
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (folder !== '' && statSync(path).isFile()) return path;
    } catch {
      continue; // Not in this one.
    }
  }
  return undefined;
}

/** The typings promise it always; it is there only when the model is on. */
function permissions(): typeof process.permission | undefined {
  return process.permission;
}
