import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './entry.ts';
import { outputOf } from './programs.ts';

/** Programs for transports and for serving, which bring a dozen libraries along. */
const leftOut = /^(git-remote-.*|git-http-.*|git-imap-send|git-daemon|git-shell|scalar|mergetools)$/;

/** What git runs besides itself: the commands that are scripts or programs of their own. */
export async function gitPrograms(git: string, signal: AbortSignal): Promise<readonly Entry[]> {
  let folder: string;
  try {
    folder = (await outputOf(git, ['--exec-path'], signal)).trim();
    const itself = await stat(git);
    const entries: Entry[] = [];
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      // Links and copies under the names of its built-in commands are for scripts of long ago.
      if (!entry.isFile() || leftOut.test(entry.name)) continue;
      const source = join(folder, entry.name);
      const found = await stat(source);
      if (found.ino === itself.ino || found.size === itself.size) continue;
      entries.push({
        name: source.replace(/^\/+/, ''),
        source,
        mode: found.mode & 0o111 ? 0o755 : 0o644,
      });
    }
    return entries;
  } catch {
    signal.throwIfAborted();
    return []; // Its built-in commands work without them.
  }
}
