import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Entry } from './entry.ts';
import { outputOf, which } from './programs.ts';

/** Python's own words for where it is, also when `python3` is a link, a script that chooses a version, or one of a venv. */
const question =
  'import json, os, sys, sysconfig; print(json.dumps([os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable), ' +
  'sysconfig.get_path("stdlib"), getattr(sys, "platlibdir", "lib"), "%d.%d" % sys.version_info[:2]]))';
const answer = z.tuple([z.string(), z.string(), z.string(), z.string()]);

/** Parts of the standard library that nobody misses in a container, or that belong to other packages. */
const leftOut =
  /^(site-packages|dist-packages|test|tests|__pycache__|idlelib|tkinter|turtledemo|turtle\.py|ensurepip|lib2to3|pydoc_data|config-.*|_tkinter\..*|_test.*\.so|_xxtestfuzz.*|xx.*\.so|.*\.a)$/;

export interface LocalPython {
  readonly entries: readonly Entry[];
  /** `python3.x`, which `python3` shall lead to. */
  readonly command: string;
  readonly interpreter: string;
  /** Modules that are libraries themselves, with libraries that they need. */
  readonly modules: readonly string[];
}

/** The interpreter that `python3` leads to, with its standard library; undefined when there is none that works. */
export async function localPython(searchPath: string, signal: AbortSignal): Promise<LocalPython | undefined> {
  const program = await which('python3', searchPath);
  if (!program) return undefined;
  let found: z.infer<typeof answer>;
  try {
    found = answer.parse(JSON.parse(await outputOf(program, ['-c', question], signal)));
    await lstat(join(found[1], 'os.py'));
  } catch {
    signal.throwIfAborted();
    return undefined; // Something else by the name of python3, or one that has its library elsewhere.
  }
  const [interpreter, library, folder, version] = found;
  const command = `python${version}`;
  // It looks for its library beside itself, so that the whole can be moved.
  const files = await filesBelow(library, `usr/local/${folder}/${command}`);
  return {
    entries: [{ name: `usr/local/bin/${command}`, source: interpreter, mode: 0o755 }, ...files],
    command,
    interpreter,
    modules: files.map(({ source }) => source).filter((source) => source.endsWith('.so')),
  };
}

async function filesBelow(folder: string, name: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (leftOut.test(entry.name)) continue;
    const source = join(folder, entry.name);
    const target = `${name}/${entry.name}`;
    if (entry.isDirectory()) entries.push(...(await filesBelow(source, target)));
    else {
      const real = await realpath(source).catch(() => undefined); // Debian's has links to what may not be there.
      if (real && (await lstat(real)).isFile()) entries.push({ name: target, source: real, mode: 0o644 });
    }
  }
  return entries;
}
