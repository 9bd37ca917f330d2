import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a program of this machine prints. */
export async function outputOf(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  return (await run(program, [...args], { signal, timeout: 20_000 })).stdout;
}

/** The libraries that `ldd` names for programs, as their paths on this machine. */
export async function librariesOf(
  programs: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const libraries = new Set<string>();
  // One call for all; ldd exits with 1 when one of them is linked statically, and still prints the others.
  const text = await run('ldd', [...programs], { signal, timeout: 60_000, maxBuffer: 4 * 1024 * 1024 }).then(
    ({ stdout }) => stdout,
    (error: unknown) => {
      // Only that: output that was cut by the limit would leave libraries out.
      if (
        error instanceof Error &&
        'stdout' in error &&
        typeof error.stdout === 'string' &&
        'code' in error &&
        error.code === 1
      )
        return error.stdout;
      throw error;
    },
  );
  for (const [, path] of text.matchAll(/(?:=>\s*|^\s+)(\/\S+)\s+\(0x/gm)) if (path) libraries.add(path);
  return libraries;
}

export async function which(command: string, searchPath: string): Promise<string | undefined> {
  for (const folder of [...searchPath.split(delimiter), '/usr/bin', '/bin']) {
    const found =
      folder === '' || folder.includes('node_modules') ? undefined : await executable(join(folder, command));
    if (found) return found;
  }
  return undefined;
}

/** The real path of a file that can be executed. */
export async function executable(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path);
    const found = await stat(real);
    return found.isFile() && found.mode & 0o111 ? real : undefined;
  } catch {
    return undefined; // Not there.
  }
}
